-- Files by state that the run looked at: received or ended since it began.
SELECT f.state::text, count(*)
  FROM file AS f
  JOIN night_run AS n ON n.run_id = :run_id
 WHERE f.business_date = n.business_date AND greatest(f.received_at, f.ended_at) >= n.started_at
 GROUP BY f.state
