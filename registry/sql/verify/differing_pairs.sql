-- A key that more and more forms share is left out one day: pairs that it brought before that day stay, and where keys
-- are left out today the store may hold pairs that are not found any more.
SELECT count(*) FILTER (WHERE s.form_a IS NULL) AS missing,
       count(*) FILTER (WHERE p.form_a IS NULL AND NOT EXISTS (SELECT 1 FROM left_out WHERE forms > 0)) AS strange,
       count(*) FILTER (WHERE (s.weight, s.apart) <> (p.weight, p.apart)) AS other
  FROM pair AS p
  FULL JOIN stored_pair AS s ON s.form_a = p.form_a AND s.form_b = p.form_b
