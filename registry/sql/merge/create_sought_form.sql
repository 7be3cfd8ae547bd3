CREATE TEMP TABLE IF NOT EXISTS sought_form (form_id uuid NOT NULL, person_id uuid NOT NULL) ON COMMIT DROP
