SELECT state::text AS state, coalesce(reason_code, '') AS reason_code, coalesce(who_acts, '') AS who_acts,
       count(*) AS files
  FROM file
 WHERE CAST(:date AS date) IS NULL OR business_date = :date
 GROUP BY 1, 2, 3
 ORDER BY state::text, files DESC, reason_code
