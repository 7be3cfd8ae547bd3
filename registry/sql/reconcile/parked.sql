SELECT reason, count(*) AS lines, max(:date - business_date) AS oldest
  FROM parked
 WHERE done_at IS NULL
 GROUP BY reason
 ORDER BY reason
