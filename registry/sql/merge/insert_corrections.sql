-- A returned row that is read again takes the place of the failed one, if that was this sender's.
INSERT INTO correction (file_id, row_no, by_file_id, by_row_no)
SELECT DISTINCT ON (r.file_id, r.row_no) r.file_id, r.row_no, r.by_file_id, r.by_row_no
  FROM returned AS r
  JOIN received_row AS failed ON failed.file_id = r.file_id AND failed.row_no = r.row_no
  JOIN file AS mine ON mine.file_id = r.by_file_id
  JOIN file AS theirs ON theirs.file_id = r.file_id AND theirs.sender = mine.sender
 WHERE failed.outcome IN ('unreadable', 'quarantined')
 ORDER BY r.file_id, r.row_no, r.by_file_id, r.by_row_no
ON CONFLICT (file_id, row_no) DO NOTHING
