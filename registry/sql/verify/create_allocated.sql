-- Numbers that the register gave, under today's person.
SELECT n.* EXCLUDE (person_id), n.person_id AS own_id, coalesce(a.person_id, n.person_id) AS person_id
  FROM store.allocated_number AS n
  LEFT JOIN store.person_alias AS a ON a.old_id = n.person_id
