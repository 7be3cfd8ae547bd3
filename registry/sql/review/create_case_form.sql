-- All forms of the persons of the cases.
CREATE TEMP TABLE case_form ON COMMIT DROP AS
SELECT DISTINCT m.person_id, m.form_id, m.number, m.file_id, m.row_no, m.load_no
  FROM (SELECT person_a AS person_id FROM case_pair UNION SELECT person_b FROM case_pair) AS p
  JOIN judgement AS j USING (person_id)
  JOIN membership AS m ON m.form_id = j.form_id AND m.person_id = p.person_id
