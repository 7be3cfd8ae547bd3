-- The latest finished run of each night that did something.
SELECT DISTINCT ON (business_date) business_date, summary
  FROM night_run
 WHERE ended_at IS NOT NULL
 ORDER BY business_date DESC, (summary->'rows'->>'read')::bigint DESC NULLS LAST, run_id DESC
 LIMIT 400
