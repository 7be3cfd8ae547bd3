-- Finished nights, each with what its runs did together.
SELECT business_date AS date,
       coalesce(sum((summary->>'files')::bigint), 0)::bigint AS files,
       coalesce(sum((summary->'rows'->>'read')::bigint), 0)::bigint AS read,
       coalesce(sum((summary->'rows'->>'unreadable')::bigint), 0)::bigint AS unreadable,
       coalesce(sum((summary->'rows'->>'quarantined')::bigint), 0)::bigint AS quarantined,
       coalesce(sum((summary->'rows'->>'held')::bigint), 0)::bigint AS held,
       coalesce(sum((summary->'rows'->>'duplicate')::bigint), 0)::bigint AS duplicate,
       coalesce(sum((summary->'rows'->>'review')::bigint), 0)::bigint AS review,
       coalesce(sum((summary->'rows'->>'new')::bigint), 0)::bigint AS new,
       coalesce(sum((summary->'rows'->>'matched')::bigint), 0)::bigint AS matched,
       coalesce(sum((summary->'cards'->>'cards')::bigint), 0)::bigint AS cards,
       sum((summary->>'seconds')::float) AS seconds
  FROM night_run
 WHERE ended_at IS NOT NULL
 GROUP BY business_date
 ORDER BY business_date DESC
 LIMIT 400
