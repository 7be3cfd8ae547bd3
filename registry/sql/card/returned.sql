-- Dossiers that stations have to correct, by station.
SELECT d.station, d.number, CAST(c.since AT TIME ZONE :zone AS date) AS since, c.reason
  FROM card AS c
  JOIN dossier AS d USING (dossier_id)
 WHERE c.state = 'returned'
 ORDER BY d.station, c.since, d.number
