SELECT p.parked_no, p.business_date, p.reason, m.source, m.kind, m.key, p.line_no, d.station, d.number
  FROM parked AS p
  LEFT JOIN card_event AS e USING (event_no)
  LEFT JOIN message AS m ON m.message_no = coalesce(p.message_no, e.message_no)
  LEFT JOIN dossier AS d ON d.dossier_id = p.dossier_id
 WHERE p.done_at IS NULL
 ORDER BY p.parked_no
