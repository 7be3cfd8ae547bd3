-- Their forms. Few forms were ever judged again; of those the membership says where they belong.
CREATE TEMP TABLE added_form ON COMMIT DROP AS
WITH judged AS MATERIALIZED (
    SELECT j.*
      FROM (SELECT person_id FROM added ORDER BY person_id) AS p JOIN judgement AS j USING (person_id)
)
SELECT form_id, person_id, number, number_holds, known_number, name, register, member
  FROM judged AS j
 WHERE judged_no = 0 AND NOT EXISTS (SELECT FROM judgement AS later WHERE later.form_id = j.form_id AND later.judged_no > 0)
UNION ALL
SELECT m.form_id, m.person_id, m.number, m.number_holds, m.known_number, m.name, m.register, m.member
  FROM (SELECT DISTINCT form_id FROM judged WHERE judged_no > 0) AS moved
  JOIN membership AS m USING (form_id)
  JOIN added USING (person_id)
