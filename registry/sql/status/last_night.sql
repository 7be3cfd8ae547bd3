SELECT business_date, started_at, ended_at
  FROM night_run
 WHERE CAST(:date AS date) IS NULL OR business_date = :date
 ORDER BY run_id DESC
 LIMIT 1
