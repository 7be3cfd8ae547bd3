-- Each rule of the night's suites over all loads: what it looked at, and what failed it.
SELECT suite.key AS suite, rule->>'id' AS id, rule->>'severity' AS severity,
       sum((rule->>'evaluated')::bigint)::bigint AS evaluated, sum((rule->>'failed')::bigint)::bigint AS failed
  FROM load
 CROSS JOIN LATERAL jsonb_each(validation->'suites') AS suite
 CROSS JOIN LATERAL jsonb_array_elements(suite.value) AS rule
 WHERE business_date = :date
 GROUP BY suite.key, rule->>'id', rule->>'severity'
 ORDER BY failed DESC, id
