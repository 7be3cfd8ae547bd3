CREATE TEMP TABLE moved (form_id uuid NOT NULL, person_id uuid NOT NULL, is_tied boolean NOT NULL) ON COMMIT DROP
