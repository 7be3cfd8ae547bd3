SELECT r.outcome::text, count(*)
  FROM received_row AS r
  JOIN file AS f USING (file_id)
 WHERE CAST(:date AS date) IS NULL OR f.business_date = :date
 GROUP BY r.outcome
