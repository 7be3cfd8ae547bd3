-- Forms by key: whose key was narrowed, whose could not be narrowed enough, and whose too many share.
SELECT key, coalesce(sum(narrowed), 0)::bigint AS narrowed, coalesce(sum(without), 0)::bigint AS without,
       coalesce(sum(left_out), 0)::bigint AS left_out
  FROM load
 CROSS JOIN LATERAL (SELECT n.key, (n.value->>'narrowed')::bigint AS narrowed, (n.value->>'without')::bigint AS without,
                            NULL::bigint AS left_out
                       FROM jsonb_each(linkage->'narrowed') AS n
                     UNION ALL
                     SELECT o.key, NULL, NULL, o.value::text::bigint FROM jsonb_each(linkage->'left_out') AS o) AS counted
 WHERE CAST(:date AS date) IS NULL OR business_date = :date
 GROUP BY key
 ORDER BY key
