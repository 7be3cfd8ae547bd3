-- The person of today under a present or an old id.
SELECT p.*
  FROM person AS p
 WHERE p.person_id = coalesce((SELECT person_id FROM person_alias WHERE old_id = CAST(:id AS uuid)), CAST(:id AS uuid))
