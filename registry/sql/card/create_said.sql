CREATE TEMP TABLE said (
    dossier_id uuid, attempt smallint, event text, happened_at timestamptz, reason text, card_number text,
    chip_serial text, shipment text, office text, batch_no integer, message_no bigint
) ON COMMIT DROP
