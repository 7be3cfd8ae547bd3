-- Persons that are tied to them by a pair that something keeps apart: the whole is put together anew.
INSERT INTO hit
SELECT DISTINCT other.form_id
  FROM (SELECT form_b AS form_id FROM added_pair WHERE weight >= :weight
        UNION
        SELECT p.form_a
          FROM (SELECT form_id FROM added_form ORDER BY form_id) AS f JOIN pair AS p ON p.form_b = f.form_id
         WHERE p.weight >= :weight) AS other
 WHERE other.form_id NOT IN (SELECT form_id FROM concerned_form)
