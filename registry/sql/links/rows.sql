-- One line a received row of a taken or held file; whose it is today, for a duplicate too.
SELECT f.sender, f.name AS file, r.row_no, r.form_no, r.outcome, j.person_id, round(j.weight::numeric, 2) AS weight, r.rules
  FROM received_row AS r
  JOIN file AS f USING (file_id)
  LEFT JOIN membership AS j ON j.form_id = r.form_id AND r.outcome IN ('duplicate', 'review', 'new', 'matched')
 WHERE f.state IN ('taken', 'held')
 ORDER BY f.sender COLLATE "C", f.name COLLATE "C", r.file_id, r.row_no
