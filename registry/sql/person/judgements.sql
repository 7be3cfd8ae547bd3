-- All judgements until a moment of all forms that ever were one person's with a form of this one, directly or by others.
WITH RECURSIVE concerned AS (
    SELECT CAST(:id AS uuid) AS person_id
     UNION
    SELECT other.person_id
      FROM concerned AS c
      JOIN judgement AS j ON j.person_id = c.person_id
      JOIN judgement AS other ON other.form_id = j.form_id
)
SELECT replace(j.form_id::text, '-', '') AS form_id, j.person_id::text AS person_id, j.rule,
       round(j.weight::numeric, 1)::float8 AS weight, j.load_no, j.verdict_no,
       coalesce(v.business_date, l.business_date) AS night, v.reviewer, v.reason
  FROM concerned AS c
  JOIN judgement AS j USING (person_id)
  JOIN load AS l USING (load_no)
  LEFT JOIN verdict AS v ON v.verdict_no = j.verdict_no
 WHERE coalesce(v.said_at, l.merged_at) <= :at
 ORDER BY j.load_no, j.verdict_no NULLS FIRST, j.form_id
