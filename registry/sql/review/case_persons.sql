SELECT p.*, p.person_id::text AS person_id FROM person AS p WHERE p.person_id = ANY(CAST(:persons AS uuid[]))
