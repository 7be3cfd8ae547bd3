SELECT dossier_id, attempt, event, happened_at, reason, NULL AS card_number, NULL AS chip_serial, NULL AS shipment,
       NULL AS office, NULL AS batch_no, message_no
  FROM fitting
 WHERE unfit IS NULL
