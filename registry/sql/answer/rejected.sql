-- What the register mends itself is asked for again; the others go back to their stations.
SELECT dossier_id,
       CASE WHEN reason = ANY(CAST(:sent_again AS text[])) THEN attempt + 1 ELSE attempt END AS attempt,
       CASE WHEN reason = ANY(CAST(:sent_again AS text[])) THEN 'requeued' ELSE 'returned' END AS event,
       CAST(:now AS timestamptz) AS happened_at, reason,
       NULL AS card_number, NULL AS chip_serial, NULL AS shipment, NULL AS office, NULL AS batch_no, NULL AS message_no
  FROM card
 WHERE state = 'rejected'
