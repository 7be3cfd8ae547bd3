-- Persons who have one of this person's numbers, by a form or by allocation.
SELECT DISTINCT coalesce(a.person_id, other.person_id)::text AS person_id
  FROM number_of_person AS mine
  JOIN number_of_person AS other ON other.number_key = mine.number_key
  LEFT JOIN person_alias AS a ON a.old_id = other.person_id
 WHERE mine.person_id = ANY(CAST(:ids AS uuid[]))
   AND coalesce(a.person_id, other.person_id) <> CAST(:id AS uuid)
 ORDER BY 1
