-- Accepted forms that share a number, an old card or the whole kin with a form of the load, under today's person.
SELECT DISTINCT coalesce(a.person_id, j.person_id) AS person_id,
       j.number_key, j.name_key, j.birth_key, j.card_key, j.kin_key
  FROM (SELECT j.* FROM judgement AS j WHERE number_key IN (SELECT number_key FROM incoming)
        UNION ALL
        SELECT j.* FROM judgement AS j WHERE card_key IN (SELECT card_key FROM incoming)
        UNION ALL
        SELECT j.* FROM judgement AS j WHERE kin_key IN (SELECT kin_key FROM incoming)) AS j
  LEFT JOIN person_alias AS a ON a.old_id = j.person_id
