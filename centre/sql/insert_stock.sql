-- The cards of a shipment answer that was sent.
INSERT INTO stock
SELECT card_number, shipment, office, shipped_at, luck('deliver/' || card_number), 'shipped'
FROM read_json($file, format = 'newline_delimited', columns = {
    card_number: 'VARCHAR', shipment: 'VARCHAR', office: 'VARCHAR', shipped_at: 'VARCHAR'
})
