-- The forms of a person, by a present or an old id.
WITH asked AS (
    SELECT coalesce((SELECT person_id FROM person_alias WHERE old_id = CAST(:id AS uuid)), CAST(:id AS uuid)) AS person_id
)
SELECT replace(m.form_id::text, '-', '') AS form_id
  FROM asked
  JOIN (SELECT DISTINCT form_id, person_id FROM judgement) AS j USING (person_id)
  JOIN membership AS m ON m.form_id = j.form_id AND m.person_id = asked.person_id
 ORDER BY m.form_id
