CREATE TEMP TABLE late_event (dossier_id uuid) ON COMMIT DROP
