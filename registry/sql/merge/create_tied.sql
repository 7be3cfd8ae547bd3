CREATE TEMP TABLE tied (old_id uuid NOT NULL, person_id uuid NOT NULL) ON COMMIT DROP
