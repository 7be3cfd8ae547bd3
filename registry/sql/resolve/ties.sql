SELECT replace(p.form_a::text, '-', '') AS form_a, replace(p.form_b::text, '-', '') AS form_b, p.weight, p.apart, v.verdict
  FROM concerned_pair AS p
  LEFT JOIN holding_verdict AS v ON v.form_a = p.form_a AND v.form_b = p.form_b
UNION ALL
-- What reviewers tied or kept apart without a pair of the model's.
SELECT replace(v.form_a::text, '-', ''), replace(v.form_b::text, '-', ''), 0, false, v.verdict
  FROM concerned_form AS c
  JOIN holding_verdict AS v ON v.form_a = c.form_id
 WHERE v.verdict IN ('same', 'never')
   AND NOT EXISTS (SELECT FROM pair AS p WHERE p.form_a = v.form_a AND p.form_b = v.form_b)
