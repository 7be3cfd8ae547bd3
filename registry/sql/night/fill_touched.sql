-- Persons to whom a load after that one brought a form.
INSERT INTO touched
SELECT DISTINCT coalesce(a.person_id, j.person_id)
  FROM judgement AS j
  LEFT JOIN person_alias AS a ON a.old_id = j.person_id
 WHERE j.load_no > :since_load
