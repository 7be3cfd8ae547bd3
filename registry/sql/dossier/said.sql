SELECT dossier_id, attempt, 'captured' AS event, captured_at AS happened_at, NULL AS reason, NULL AS card_number,
       NULL AS chip_serial, NULL AS shipment, NULL AS office, NULL AS batch_no, NULL AS message_no
  FROM taken_dossier
