-- The province's last loads of the kind that are large enough to be compared with and were not held by the gate.
SELECT count(*) AS loads, avg(share) AS share
  FROM (SELECT (linkage->>'new')::float / (linkage->>'forms')::float AS share
          FROM load
         WHERE province = :province AND linkage->>'kind' = :kind AND linkage->'held_by' = '[]'
           AND (linkage->>'forms')::bigint >= :fewest
         ORDER BY load_no DESC
         LIMIT 10) AS earlier
