-- A person is in review while a pair of its forms with those of another person waits for people (see open_pair), while
-- trusted sources are in conflict over it, and while something that was corrected is not what stood there.
WITH form AS (
    SELECT DISTINCT m.form_id, m.person_id
      FROM (SELECT DISTINCT j.form_id FROM judgement AS j JOIN doubtful USING (person_id)) AS j
      JOIN membership AS m USING (form_id)
      JOIN doubtful AS d ON d.person_id = m.person_id
), rival AS (
    SELECT f.person_id, o.person_id AS other_id, p.apart, NOT p.apart AND coalesce(v.verdict, 'unsure') = 'unsure' AS is_open
      FROM form AS f
      JOIN LATERAL (SELECT p.form_a, p.form_b, p.apart, p.form_b AS other FROM pair AS p WHERE p.form_a = f.form_id
                    UNION ALL
                    SELECT p.form_a, p.form_b, p.apart, p.form_a FROM pair AS p WHERE p.form_b = f.form_id) AS p ON true
      JOIN membership AS o ON o.form_id = p.other AND o.person_id <> f.person_id
      LEFT JOIN LATERAL (SELECT v.verdict FROM verdict AS v
                          WHERE v.form_a = p.form_a AND v.form_b = p.form_b
                          ORDER BY v.verdict_no DESC LIMIT 1) AS v ON true
), open AS (
    SELECT person_id
      FROM (SELECT person_id, other_id FROM rival GROUP BY 1, 2 HAVING bool_or(is_open) AND NOT bool_or(apart)) AS r
     UNION
    SELECT c.person_id FROM person_correction AS c JOIN doubtful USING (person_id) WHERE c.conflict_since IS NOT NULL
)
UPDATE person AS p
   SET in_review = o.person_id IS NOT NULL OR {in_conflict}
  FROM (SELECT DISTINCT person_id FROM doubtful) AS d LEFT JOIN open AS o USING (person_id)
 WHERE p.person_id = d.person_id AND p.in_review IS DISTINCT FROM (o.person_id IS NOT NULL OR {in_conflict})
