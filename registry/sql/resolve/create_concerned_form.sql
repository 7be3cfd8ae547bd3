-- Their forms.
CREATE TEMP TABLE concerned_form ON COMMIT DROP AS
SELECT m.*
  FROM (SELECT DISTINCT j.form_id FROM judgement AS j JOIN concerned USING (person_id)) AS f
  JOIN membership AS m USING (form_id)
  JOIN concerned USING (person_id)
