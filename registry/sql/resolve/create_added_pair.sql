CREATE TEMP TABLE added_pair ON COMMIT DROP AS
SELECT p.form_a, p.form_b, p.weight, p.apart
  FROM (SELECT form_id FROM added_form ORDER BY form_id) AS f JOIN pair AS p ON p.form_a = f.form_id
