INSERT INTO sought SELECT person_id FROM person WHERE in_review AND person_id = ANY(CAST(:persons AS uuid[]))
