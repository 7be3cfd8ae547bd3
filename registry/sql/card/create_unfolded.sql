CREATE TEMP TABLE unfolded (dossier_id uuid) ON COMMIT DROP
