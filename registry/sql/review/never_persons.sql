-- Persons of the cases of whom a reviewer says that they never are one.
SELECT DISTINCT a.person_id::text, b.person_id::text
  FROM case_form AS a
  JOIN LATERAL (SELECT DISTINCT ON (said.form_b) said.form_b, said.verdict
                  FROM verdict AS said
                 WHERE said.form_a = a.form_id
                 ORDER BY said.form_b, said.verdict_no DESC) AS v ON v.verdict = 'never'
  JOIN case_form AS b ON b.form_id = v.form_b AND b.person_id <> a.person_id
