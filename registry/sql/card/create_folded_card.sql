CREATE TEMP TABLE folded_card (
    dossier_id uuid, state text, attempt smallint, since timestamptz, reason text, on_hold text, card_number text,
    office text, shipment text, batch_no integer
) ON COMMIT DROP
