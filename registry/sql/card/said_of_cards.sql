-- What is said, and how the card stands that it is about. It has no number yet.
SELECT 0, s.dossier_id, s.attempt, s.event, s.happened_at, s.reason, s.card_number, s.shipment, s.office, s.batch_no,
       c.state, c.attempt, c.since, c.reason, c.on_hold, c.card_number, c.shipment, c.office, c.batch_no
  FROM said AS s
  LEFT JOIN card AS c USING (dossier_id)
 ORDER BY s.dossier_id
