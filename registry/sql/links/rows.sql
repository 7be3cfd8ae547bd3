-- One line a received row of a taken or held file; whose it is today, for a duplicate too.
SELECT f.sender, f.name AS file, r.row_no, r.form_no, r.outcome,
       coalesce(a.person_id, j.person_id) AS person_id, NULL AS weight, r.rules
  FROM received_row AS r
  JOIN file AS f USING (file_id)
  LEFT JOIN judgement AS j ON j.form_id = r.form_id AND r.outcome IN ('duplicate', 'review', 'new', 'matched')
  LEFT JOIN person_alias AS a ON a.old_id = j.person_id
 WHERE f.state IN ('taken', 'held')
 ORDER BY f.sender COLLATE "C", f.name COLLATE "C", r.file_id, r.row_no
