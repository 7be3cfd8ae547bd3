-- Of each correction what its person's forms said before it, as if the correction were the person.
CREATE OR REPLACE TEMP TABLE form_before AS
SELECT f.* REPLACE (c.form_id AS person_id)
  FROM form_with_correction AS f
  JOIN stated_correction AS c USING (person_id)
 WHERE (coalesce(f.stated_on, DATE '{day_zero}'), f.form_id) < (coalesce(c.stated_on, DATE '{day_zero}'), c.form_id)
