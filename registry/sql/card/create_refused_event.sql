CREATE TEMP TABLE refused_event (event_no bigint, dossier_id uuid, reason text) ON COMMIT DROP
