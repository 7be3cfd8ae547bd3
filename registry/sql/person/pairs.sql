-- The pairs that some forms are in, as of a moment: what the model weighed and what a reviewer said of them last, and
-- whose both forms were. A word of a reviewer may stand on a pair that the model did not weigh.
WITH side AS (
    SELECT form_id FROM unnest(CAST(:forms AS uuid[])) AS form_id
), spoken AS (
    SELECT DISTINCT ON (form_a, form_b) v.form_a, v.form_b, v.verdict, v.reviewer, v.reason, v.business_date AS said_on
      FROM verdict AS v
     WHERE (v.form_a = ANY(CAST(:forms AS uuid[])) OR v.form_b = ANY(CAST(:forms AS uuid[]))) AND v.said_at <= :at
     ORDER BY form_a, form_b, verdict_no DESC
), weighed AS (
    SELECT p.form_a, p.form_b, p.weight, p.parts, p.apart, l.business_date AS night
      FROM (SELECT p.* FROM side JOIN pair AS p ON p.form_a = side.form_id
            UNION
            SELECT p.* FROM side JOIN pair AS p ON p.form_b = side.form_id) AS p
      JOIN load AS l USING (load_no)
     WHERE l.merged_at <= :at
), owner AS (
    SELECT DISTINCT ON (j.form_id) j.form_id, j.person_id, f.sender, r.form_no
      FROM (SELECT unnest(ARRAY[form_a, form_b]) AS form_id FROM weighed
            UNION
            SELECT unnest(ARRAY[form_a, form_b]) FROM spoken) AS k
      JOIN judgement AS j USING (form_id)
      JOIN load AS l USING (load_no)
      JOIN file AS f USING (file_id)
      JOIN received_row AS r USING (file_id, row_no)
      LEFT JOIN verdict AS v ON v.verdict_no = j.verdict_no
     WHERE coalesce(v.said_at, l.merged_at) <= :at
     ORDER BY j.form_id, j.judged_no DESC
)
SELECT replace(k.form_a::text, '-', '') AS form_a, replace(k.form_b::text, '-', '') AS form_b,
       round(w.weight::numeric, 2)::float8 AS weight, w.parts, w.apart, w.night, s.verdict, s.reviewer, s.reason, s.said_on,
       a.person_id::text AS person_a, a.sender AS sender_a, a.form_no AS form_no_a,
       b.person_id::text AS person_b, b.sender AS sender_b, b.form_no AS form_no_b
  FROM (SELECT form_a, form_b FROM weighed UNION SELECT form_a, form_b FROM spoken) AS k
  LEFT JOIN weighed AS w USING (form_a, form_b)
  LEFT JOIN spoken AS s USING (form_a, form_b)
  JOIN owner AS a ON a.form_id = k.form_a
  JOIN owner AS b ON b.form_id = k.form_b
 ORDER BY w.weight DESC NULLS LAST, form_a, form_b
