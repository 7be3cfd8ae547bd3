-- One line a received row of a taken or held file; whose it is today, for a duplicate too.
SELECT f.sender, f.name AS file, r.row_no, r.form_no, r.outcome,
       coalesce(j.person_id, a.person_id, d.person_id) AS person_id, round(j.weight::numeric, 2) AS weight, r.rules
  FROM received_row AS r
  JOIN file AS f USING (file_id)
  LEFT JOIN membership AS j ON j.form_id = r.form_id AND r.outcome IN ('duplicate', 'review', 'new', 'matched')
  LEFT JOIN dossier AS d ON d.dossier_id = CASE WHEN f.key LIKE 'landing/dossiers/%' AND r.outcome IN ('duplicate', 'matched')
                                                THEN CAST(md5(f.sender || '/' || r.form_no) AS uuid) END
  LEFT JOIN person_alias AS a ON a.old_id = d.person_id
 WHERE f.state IN ('taken', 'held')
 ORDER BY f.sender COLLATE "C", f.name COLLATE "C", r.file_id, r.row_no
