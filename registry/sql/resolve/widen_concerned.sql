-- Persons that are tied to them by a pair that something keeps apart: the whole is put together anew.
INSERT INTO hit
SELECT DISTINCT other.form_id
  FROM (SELECT p.form_b AS form_id FROM concerned_form AS c JOIN pair AS p ON p.form_a = c.form_id WHERE p.weight >= :weight
        UNION
        SELECT p.form_a FROM concerned_form AS c JOIN pair AS p ON p.form_b = c.form_id WHERE p.weight >= :weight) AS other
 WHERE other.form_id NOT IN (SELECT form_id FROM concerned_form)
