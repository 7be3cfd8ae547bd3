SELECT a.spot AS a, b.spot AS b, coalesce(p.weight, 0) AS weight, v.verdict
  FROM stored_pair AS p
  FULL JOIN stored_holding_verdict AS v ON v.form_a = p.form_a AND v.form_b = p.form_b
  JOIN numbered AS a ON a.form_id = coalesce(p.form_a, v.form_a)
  JOIN numbered AS b ON b.form_id = coalesce(p.form_b, v.form_b)
