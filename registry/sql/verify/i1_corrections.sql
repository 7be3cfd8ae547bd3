-- A returned row that was read again closes the failed one that it names, if that was its sender's.
WITH named AS (
    SELECT a.returned_file AS file_id, a.returned_row AS row_no, a.file_id AS by_file_id, a.row_no AS by_row_no
      FROM archive.row AS a
      JOIN store.file AS mine ON mine.file_id = a.file_id
      JOIN store.file AS theirs ON theirs.file_id = a.returned_file AND theirs.sender = mine.sender
      JOIN store.received_row AS failed ON failed.file_id = a.returned_file AND failed.row_no = a.returned_row
     WHERE a.kind <> 'held' AND failed.outcome IN ('unreadable', 'quarantined') AND theirs.load_no <= mine.load_no
   QUALIFY row_number() OVER (PARTITION BY a.returned_file, a.returned_row
                              ORDER BY a.load_no, a.file_id, a.row_no) = 1
)
SELECT 'correction, file ' || coalesce(n.file_id, c.file_id) AS place,
       count(*) FILTER (WHERE c.file_id IS NULL) AS "rows that were sent again are missing",
       count(*) FILTER (WHERE n.file_id IS NULL) AS "rows were not sent again",
       count(*) FILTER (WHERE (n.by_file_id, n.by_row_no) <> (c.by_file_id, c.by_row_no)) AS "rows name another row"
  FROM named AS n
  FULL JOIN store.correction AS c ON c.file_id = n.file_id AND c.row_no = n.row_no
 GROUP BY coalesce(n.file_id, c.file_id)
 ORDER BY coalesce(n.file_id, c.file_id)
