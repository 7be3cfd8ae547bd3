SELECT old_id::text AS old_id
  FROM person_alias JOIN (SELECT DISTINCT person_id FROM concerned_form) AS concerned USING (person_id)
