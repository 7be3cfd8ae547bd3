SELECT r.file_id, f.file_no, r.row_no, r.rules
  FROM file AS f
  JOIN received_row AS r USING (file_id)
 WHERE f.load_no = %(load_no)s
   AND r.outcome IN ('unreadable', 'quarantined')
   AND NOT EXISTS (SELECT FROM correction AS c WHERE c.file_id = r.file_id AND c.row_no = r.row_no)
