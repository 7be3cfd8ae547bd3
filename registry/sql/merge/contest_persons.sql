UPDATE person SET in_review = TRUE WHERE person_id = ANY(CAST(:persons AS uuid[])) AND NOT in_review
