-- Counts of the store suite from the night's latest run that got so far.
SELECT validation
  FROM night_run
 WHERE business_date = :date AND validation IS NOT NULL
 ORDER BY run_id DESC
 LIMIT 1
