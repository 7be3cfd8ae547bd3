-- All pairs of the store with what holds of them, and what reviewers keep apart without a pair of the model's.
CREATE TEMP VIEW tie AS
SELECT coalesce(p.form_a, v.form_a) AS form_a, coalesce(p.form_b, v.form_b) AS form_b, coalesce(p.apart, false) AS apart, v.verdict
  FROM store.pair AS p
  FULL JOIN store.holding_verdict AS v ON v.form_a = p.form_a AND v.form_b = p.form_b
 WHERE p.form_a IS NOT NULL OR v.verdict = 'never'
