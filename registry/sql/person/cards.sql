SELECT d.dossier_id::text, d.station, d.number, d.captured_at
  FROM dossier AS d
 WHERE d.person_id = ANY(CAST(:ids AS uuid[]))
 ORDER BY d.captured_at, d.dossier_id
