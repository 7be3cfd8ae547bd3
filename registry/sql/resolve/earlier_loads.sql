-- The province's last loads of the kind that are large enough to be compared with and were not held by the gate.
SELECT count(*) AS loads, avg(share) AS mean, stddev_pop(share) AS spread
  FROM (SELECT (linkage->'returning'->>'new')::float / (linkage->'returning'->>'forms')::float AS share
          FROM load
         WHERE province = :province AND linkage->>'kind' = :kind AND linkage->'held_by' = '[]'
           AND (linkage->'returning'->>'forms')::bigint >= :fewest
         ORDER BY load_no DESC
         LIMIT 10) AS earlier
