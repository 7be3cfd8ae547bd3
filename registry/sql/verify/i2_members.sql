SELECT 'person' AS place,
       count(*) FILTER (WHERE p.person_id IS NULL) AS "persons of accepted forms are missing, or the rows of person_alias that lead on from them",
       count(*) FILTER (WHERE m.person_id IS NULL) AS "persons have no form",
       count(*) FILTER (WHERE p.in_review IS DISTINCT FROM (c.person_id IS NOT NULL OR p.in_conflict) AND p.person_id = m.person_id)
           AS "persons are in review, or not, against what their numbers and sources say"
  FROM (SELECT DISTINCT person_id FROM archive.member) AS m
  FULL JOIN (SELECT person_id, in_review, {in_conflict} AS in_conflict FROM store.person) AS p USING (person_id)
  LEFT JOIN (SELECT DISTINCT person_id
               FROM archive.keyed
               JOIN (SELECT number_key FROM archive.keyed WHERE number_key IS NOT NULL
                      GROUP BY number_key HAVING min(person_id) <> max(person_id)) USING (number_key)) AS c
    ON c.person_id = p.person_id
