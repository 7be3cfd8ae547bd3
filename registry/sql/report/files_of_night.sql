-- The night's files, each with its rows by outcome; `corrected`: failed rows that were sent again since.
WITH counted AS (
    SELECT f.file_id,
           count(*) FILTER (WHERE r.outcome = 'unreadable') AS unreadable,
           count(*) FILTER (WHERE r.outcome = 'quarantined') AS quarantined,
           count(*) FILTER (WHERE r.outcome = 'held') AS held,
           count(*) FILTER (WHERE r.outcome = 'duplicate') AS duplicate,
           count(*) FILTER (WHERE r.outcome = 'review') AS review,
           count(*) FILTER (WHERE r.outcome = 'new') AS new,
           count(*) FILTER (WHERE r.outcome = 'matched') AS matched
      FROM file AS f
      JOIN received_row AS r USING (file_id)
     WHERE f.business_date = :date
     GROUP BY f.file_id
), mended AS (
    SELECT f.file_id, count(*) AS corrected
      FROM file AS f
      JOIN correction AS c USING (file_id)
     WHERE f.business_date = :date
     GROUP BY f.file_id
)
SELECT f.file_id, f.sender, f.name, f.state::text AS state, f.reason_code, f.reason, f.who_acts, f.encoding,
       f.rows, f.load_no,
       split_part(f.key, '/', 2) AS kind,
       coalesce(c.unreadable, 0) AS unreadable, coalesce(c.quarantined, 0) AS quarantined,
       coalesce(c.held, 0) AS held, coalesce(c.duplicate, 0) AS duplicate, coalesce(c.review, 0) AS review,
       coalesce(c.new, 0) AS new, coalesce(c.matched, 0) AS matched, coalesce(m.corrected, 0) AS corrected
  FROM file AS f
  LEFT JOIN counted AS c USING (file_id)
  LEFT JOIN mended AS m USING (file_id)
 WHERE f.business_date = :date
 ORDER BY f.sender, f.file_id
