SELECT dossier_id, attempt, event, happened_at, reason, card_number, chip_serial, shipment, office, batch_no,
       %(message_no)s::bigint AS message_no
  FROM fitting
 WHERE unfit IS NULL
