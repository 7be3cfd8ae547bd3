SELECT e.event_no, e.dossier_id, e.attempt, e.event, e.happened_at, e.reason, e.card_number, e.shipment, e.office, e.batch_no
  FROM card_event AS e
  JOIN (SELECT DISTINCT dossier_id FROM said) AS s USING (dossier_id)
