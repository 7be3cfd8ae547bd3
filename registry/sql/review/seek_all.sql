INSERT INTO sought SELECT person_id FROM person WHERE in_review
