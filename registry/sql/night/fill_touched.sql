-- Persons to whom a load after that one brought a form, or to whom a number was given since.
INSERT INTO touched
SELECT DISTINCT coalesce(a.person_id, t.person_id)
  FROM (SELECT person_id FROM judgement WHERE load_no > :since_load
        UNION ALL
        SELECT person_id FROM allocated_number WHERE after_load >= :since_load) AS t
  LEFT JOIN person_alias AS a ON a.old_id = t.person_id
