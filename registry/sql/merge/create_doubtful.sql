CREATE TEMP TABLE doubtful (person_id uuid NOT NULL) ON COMMIT DROP
