-- Rows that somebody still has to act on, by the age of their night: failed ones that were not sent again, and
-- those whose person people have to decide. Reads the failed rows and those in review alone (received_row_open).
-- A held file waits as a whole, its rows do not.
WITH waiting AS (
    SELECT r.file_id, r.row_no, r.outcome, r.form_id
      FROM received_row AS r
     WHERE r.outcome IN ('unreadable', 'quarantined', 'review')
), still AS (
    SELECT w.file_id, w.outcome
      FROM waiting AS w
     WHERE w.outcome <> 'review'
       AND NOT EXISTS (SELECT FROM correction AS c WHERE c.file_id = w.file_id AND c.row_no = w.row_no)
    UNION ALL
    SELECT w.file_id, w.outcome
      FROM waiting AS w
      JOIN membership AS m ON m.form_id = w.form_id
      JOIN person AS p ON p.person_id = m.person_id
     WHERE w.outcome = 'review' AND p.in_review
), aged AS (
    SELECT s.outcome, greatest(CAST(:date AS date) - f.business_date, 0) AS days
      FROM still AS s
      JOIN file AS f USING (file_id)
     WHERE f.state = 'taken'
)
SELECT outcome::text AS outcome, count(*) AS rows,
       count(*) FILTER (WHERE days = 0) AS tonight,
       count(*) FILTER (WHERE days BETWEEN 1 AND 7) AS week,
       count(*) FILTER (WHERE days BETWEEN 8 AND 30) AS month,
       count(*) FILTER (WHERE days > 30) AS older,
       max(days) AS oldest
  FROM aged
 GROUP BY outcome
 ORDER BY outcome
