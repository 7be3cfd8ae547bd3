-- What keeps persons apart for ever, and which pairs wait for people all the same.

DROP VIEW open_pair;

-- Two forms that are plainly of two persons, or that a reviewer says never are of one; each seen from both sides.
CREATE VIEW kept_apart AS
SELECT form_a AS form_id, form_b AS other_form_id FROM pair WHERE apart
UNION ALL
SELECT form_b, form_a FROM pair WHERE apart
UNION ALL
SELECT form_a, form_b
  FROM verdict AS v
 WHERE verdict = 'never' AND NOT EXISTS (SELECT FROM verdict AS l
                                          WHERE l.form_a = v.form_a AND l.form_b = v.form_b AND l.verdict_no > v.verdict_no)
UNION ALL
SELECT form_b, form_a
  FROM verdict AS v
 WHERE verdict = 'never' AND NOT EXISTS (SELECT FROM verdict AS l
                                          WHERE l.form_a = v.form_a AND l.form_b = v.form_b AND l.verdict_no > v.verdict_no);

-- Pairs whose forms belong to two persons today and that people must decide; each seen from both sides. Persons of whom
-- some form is kept apart from a form of the other are two, whatever else their forms agree on, and whatever comes.
-- `registry/sql/link/create_open_person.sql` says the same in DuckDB.
CREATE VIEW open_pair AS
SELECT p.form_id, a.person_id, p.other_form_id, b.person_id AS other_person_id, p.weight, p.parts, p.load_no,
       coalesce(v.verdict = 'unsure', false) AS is_unsure
  FROM (SELECT form_a AS form_id, form_b AS other_form_id, weight, parts, load_no FROM pair WHERE NOT apart
        UNION ALL
        SELECT form_b, form_a, weight, parts, load_no FROM pair WHERE NOT apart) AS p
  JOIN membership AS a USING (form_id)
  JOIN membership AS b ON b.form_id = p.other_form_id AND b.person_id <> a.person_id
  LEFT JOIN LATERAL (SELECT said.verdict
                       FROM verdict AS said
                      WHERE said.form_a = least(p.form_id, p.other_form_id)
                        AND said.form_b = greatest(p.form_id, p.other_form_id)
                      ORDER BY said.verdict_no DESC LIMIT 1) AS v ON true
 WHERE coalesce(v.verdict, 'unsure') = 'unsure'
   AND NOT EXISTS (SELECT
                     FROM judgement AS j
                     JOIN membership AS mine ON mine.form_id = j.form_id AND mine.person_id = a.person_id
                     JOIN kept_apart AS k ON k.form_id = j.form_id
                     JOIN membership AS other ON other.form_id = k.other_form_id AND other.person_id = b.person_id
                    WHERE j.person_id = a.person_id);
