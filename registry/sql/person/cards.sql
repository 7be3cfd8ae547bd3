SELECT c.dossier_id::text, d.station, d.number, c.state, c.since, c.reason, c.on_hold, c.attempt, b.centre, b.sequence,
       c.card_number, c.office, c.shipment
  FROM dossier AS d
  JOIN card AS c USING (dossier_id)
  LEFT JOIN card_batch AS b USING (batch_no)
 WHERE d.person_id = ANY(CAST(:ids AS uuid[]))
 ORDER BY d.captured_at, d.dossier_id
