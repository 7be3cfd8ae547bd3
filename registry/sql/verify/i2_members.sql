SELECT 'person' AS place,
       count(*) FILTER (WHERE p.person_id IS NULL) AS "persons of accepted forms are missing",
       count(*) FILTER (WHERE m.person_id IS NULL) AS "persons have no form",
       count(*) FILTER (WHERE p.in_review IS DISTINCT FROM (o.person_id IS NOT NULL OR c.person_id IS NOT NULL OR p.in_conflict) AND p.person_id = m.person_id)
           AS "persons are in review, or not, against what waits for people"
  FROM (SELECT DISTINCT person_id FROM archive.member) AS m
  FULL JOIN (SELECT person_id, in_review, {in_conflict} AS in_conflict FROM store.person) AS p USING (person_id)
  LEFT JOIN open_person AS o ON o.person_id = p.person_id
  LEFT JOIN (SELECT DISTINCT person_id FROM store.person_correction WHERE in_conflict) AS c ON c.person_id = p.person_id
