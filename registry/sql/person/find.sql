SELECT * FROM person WHERE person_id = CAST(:id AS uuid)
