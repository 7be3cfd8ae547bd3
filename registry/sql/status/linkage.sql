-- The measures of the night's loads, or of all, added up; what was held is of no store and counts as held alone.
SELECT count(*) AS loads,
       count(*) FILTER (WHERE linkage->'held_by' <> '[]') AS held,
       coalesce(sum((linkage->>'forms')::bigint) FILTER (WHERE linkage->'held_by' = '[]'), 0)::bigint AS forms,
       coalesce(sum((linkage->>'candidates')::bigint) FILTER (WHERE linkage->'held_by' = '[]'), 0)::bigint AS candidates,
       coalesce(sum((linkage->>'pairs')::bigint) FILTER (WHERE linkage->'held_by' = '[]'), 0)::bigint AS pairs,
       coalesce(max((linkage->>'largest_person')::bigint) FILTER (WHERE linkage->'held_by' = '[]'), 0) AS largest_person
  FROM load
 WHERE linkage IS NOT NULL AND (CAST(:date AS date) IS NULL OR business_date = :date)
