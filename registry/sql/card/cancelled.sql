SELECT dossier_id, attempt, 'cancelled' AS event, now() AS happened_at, :reason AS reason, NULL AS card_number,
       NULL AS chip_serial, NULL AS shipment, NULL AS office, NULL AS batch_no, NULL AS message_no
  FROM card
 WHERE dossier_id = CAST(:dossier_id AS uuid) AND state = ANY(:states)
