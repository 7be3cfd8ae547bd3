-- Persons who may be this one, or who state one of its numbers: people must decide.
SELECT other_id::text AS person_id, round(max(weight)::numeric, 1)::float8 AS weight, bool_or(is_unsure) AS is_unsure
  FROM open_pair(ARRAY[CAST(:id AS uuid)])
 GROUP BY other_id
 ORDER BY max(weight) DESC, other_id
