-- Pairs that wait for people between the persons who are sought and any others; see the view open_pair.
CREATE TEMP TABLE case_pair ON COMMIT DROP AS
WITH form AS (
    SELECT DISTINCT m.form_id, m.person_id
      FROM sought AS s
      JOIN judgement AS j USING (person_id)
      JOIN membership AS m ON m.form_id = j.form_id AND m.person_id = s.person_id
)
SELECT DISTINCT least(f.person_id, o.person_id) AS person_a, greatest(f.person_id, o.person_id) AS person_b,
       p.form_a, p.form_b, p.weight, p.parts, p.load_no, coalesce(v.verdict = 'unsure', false) AS is_unsure
  FROM form AS f
  JOIN LATERAL (SELECT b.form_a, b.form_b, b.weight, b.parts, b.apart, b.load_no, b.form_b AS other
                  FROM pair AS b WHERE b.form_a = f.form_id
                UNION ALL
                SELECT a.form_a, a.form_b, a.weight, a.parts, a.apart, a.load_no, a.form_a
                  FROM pair AS a WHERE a.form_b = f.form_id) AS p ON NOT p.apart
  JOIN membership AS o ON o.form_id = p.other AND o.person_id <> f.person_id
  LEFT JOIN LATERAL (SELECT said.verdict FROM verdict AS said
                      WHERE said.form_a = p.form_a AND said.form_b = p.form_b
                      ORDER BY said.verdict_no DESC LIMIT 1) AS v ON true
 WHERE coalesce(v.verdict, 'unsure') = 'unsure'
