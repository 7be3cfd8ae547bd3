CREATE TEMP TABLE fresh_correction (form_id uuid, person_id uuid, field_group text, in_conflict boolean) ON COMMIT DROP
