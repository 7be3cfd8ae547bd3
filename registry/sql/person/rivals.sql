-- Persons who may be this one, or who state one of its numbers: people must decide.
SELECT rival::text AS person_id, round(max(weight)::numeric, 1)::float8 AS weight, bool_or(coalesce(is_unsure, false)) AS is_unsure
  FROM (SELECT CASE WHEN o.person_a = CAST(:id AS uuid) THEN o.person_b ELSE o.person_a END AS rival, o.weight, o.is_unsure
          FROM open_pair AS o
         WHERE o.form_a = ANY(CAST(:forms AS uuid[])) OR o.form_b = ANY(CAST(:forms AS uuid[]))) AS r
 GROUP BY rival
 ORDER BY max(weight) DESC, rival
