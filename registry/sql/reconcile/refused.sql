SELECT source, state, reason, count(*) AS files
  FROM message
 WHERE business_date = :date AND state IN ('refused', 'parked')
 GROUP BY source, state, reason
 ORDER BY source, state, reason
