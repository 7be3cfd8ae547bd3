CREATE TEMP TABLE sought (
    file_no integer, row_no bigint, dossier_id uuid, pid text, form_sender text, form_no text, cmnd_no text, birth_date text
) ON COMMIT DROP
