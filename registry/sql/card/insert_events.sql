-- What was said before is said once.
INSERT INTO card_event (dossier_id, attempt, event, happened_at, reason, card_number, chip_serial, shipment, office,
                        batch_no, message_no, business_date)
SELECT dossier_id, attempt, event, happened_at, reason, card_number, chip_serial, shipment, office, batch_no, message_no,
       %(date)s
  FROM said
 ORDER BY dossier_id, attempt, event, happened_at
ON CONFLICT DO NOTHING
RETURNING event_no, dossier_id, attempt, event, happened_at, reason, card_number, shipment, office, batch_no
