-- Cards on their way to stations, or there, that must not be handed over.
SELECT d.station, d.number, c.card_number, c.state, c.on_hold
  FROM card AS c
  JOIN dossier AS d USING (dossier_id)
 WHERE c.on_hold IS NOT NULL AND c.state IN ('produced', 'shipped', 'arrived', 'undeliverable')
 ORDER BY d.station, d.number
