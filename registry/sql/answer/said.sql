SELECT dossier_id, attempt, event, happened_at, reason, card_number, chip_serial, shipment, office, batch_no,
       CAST(:message_no AS bigint) AS message_no
  FROM fitting
 WHERE unfit IS NULL
