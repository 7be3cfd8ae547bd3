CREATE TEMP TABLE told (
    line_no bigint, dossier_id uuid, attempt smallint, line integer, event text, happened_at timestamptz, reason text,
    card_number text, chip_serial text, shipment text, office text
) ON COMMIT DROP
