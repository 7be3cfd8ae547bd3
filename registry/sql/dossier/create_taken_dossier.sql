CREATE TEMP TABLE taken_dossier (LIKE dossier) ON COMMIT DROP
