-- Accepted forms that share a number, an old card or the whole kin with a form of the load, under today's person; and
-- numbers that the register gave, which count like a form that states them.
SELECT DISTINCT coalesce(a.person_id, j.person_id) AS person_id,
       j.number_key, j.name_key, j.birth_key, j.card_key, j.kin_key
  FROM (SELECT person_id, number_key, name_key, birth_key, card_key, kin_key
          FROM judgement WHERE number_key IN (SELECT number_key FROM incoming)
        UNION ALL
        SELECT person_id, number_key, name_key, birth_key, card_key, kin_key
          FROM judgement WHERE card_key IN (SELECT card_key FROM incoming)
        UNION ALL
        SELECT person_id, number_key, name_key, birth_key, card_key, kin_key
          FROM judgement WHERE kin_key IN (SELECT kin_key FROM incoming)
        UNION ALL
        SELECT person_id, number_key, name_key, birth_key, NULL, NULL
          FROM allocated_number WHERE number_key IN (SELECT number_key FROM incoming)) AS j
  LEFT JOIN person_alias AS a ON a.old_id = j.person_id
