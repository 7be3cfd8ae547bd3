-- Returned dossiers that nobody has corrected within the term.
SELECT dossier_id, attempt, 'purged' AS event, CAST(:now AS timestamptz) AS happened_at, NULL AS reason, NULL AS card_number,
       NULL AS chip_serial, NULL AS shipment, NULL AS office, NULL AS batch_no, NULL AS message_no
  FROM card
 WHERE state = 'returned' AND CAST(since AT TIME ZONE :zone AS date) + :days < :date
