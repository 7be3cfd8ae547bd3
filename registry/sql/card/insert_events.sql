-- What was said before is said once.
INSERT INTO card_event (dossier_id, attempt, event, happened_at, reason, card_number, chip_serial, shipment, office,
                        batch_no, message_no, business_date)
SELECT dossier_id, attempt, event, happened_at, reason, card_number, chip_serial, shipment, office, batch_no, message_no,
       :date
  FROM said
    ON CONFLICT (dossier_id, attempt, event, happened_at) DO NOTHING
