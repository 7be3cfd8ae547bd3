-- Persons of before that nobody is called by any more, with the one that has most of their forms.
CREATE TEMP TABLE alias AS
SELECT before AS old_id, person_id
  FROM placed
 WHERE before IS NOT NULL AND before NOT IN (SELECT person_id FROM named)
 GROUP BY before, person_id
QUALIFY row_number() OVER (PARTITION BY before ORDER BY count(*) DESC, min(form_id)) = 1
