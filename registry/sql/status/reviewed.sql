-- What reviewers said of pairs, by what the model weighed: each line is of weights from that whole number up to the next.
SELECT floor(p.weight)::integer AS weight_from,
       count(*) FILTER (WHERE v.verdict = 'same') AS same,
       count(*) FILTER (WHERE v.verdict IN ('different', 'never')) AS different
  FROM holding_verdict AS v
  JOIN pair AS p USING (form_a, form_b)
 WHERE v.verdict <> 'unsure'
 GROUP BY 1
 ORDER BY 1
