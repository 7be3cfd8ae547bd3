INSERT INTO person_alias (old_id, person_id, load_no) SELECT old_id, person_id, :load_no FROM tied
