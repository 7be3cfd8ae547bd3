CREATE TEMP TABLE corrected (person_id uuid NOT NULL) ON COMMIT DROP
