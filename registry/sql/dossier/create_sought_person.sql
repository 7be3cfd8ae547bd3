CREATE TEMP TABLE sought_person (person_id uuid) ON COMMIT DROP
