-- The rows of a taken or held file are 1, 2, 3 … up to what the ledger says; other files have none.
SELECT 'received_row, file ' || f.file_id AS place,
       abs(coalesce(r.rows, 0) - coalesce(f.rows, 0)) AS "rows too few or too many beside the ledger",
       (r.first <> 1 OR r.last <> r.rows)::INT AS "gap in the numbers of its rows",
       CASE WHEN f.state NOT IN ('taken', 'held') THEN r.rows END AS "rows of a file that is neither taken nor held"
  FROM store.file AS f
  LEFT JOIN (SELECT file_id, count(*) AS rows, min(row_no) AS first, max(row_no) AS last
               FROM store.received_row GROUP BY file_id) AS r USING (file_id)
 WHERE f.state IN ('taken', 'held') OR r.rows > 0
 ORDER BY f.file_id
