-- Who is asked for tonight: whom a load has touched since the last batch, and who has come of age since then.
-- Law on Identification 26/2023/QH15 art. 19: citizens of 14 and more must have a card.
INSERT INTO card (person_id, sequence)
SELECT p.person_id, :sequence
  FROM (SELECT coalesce(a.person_id, j.person_id) AS person_id
          FROM judgement AS j LEFT JOIN person_alias AS a ON a.old_id = j.person_id
         WHERE j.load_no > :since_load
        UNION
        SELECT person_id FROM person WHERE birth_date > :birthday_before AND birth_date <= :birthday) AS candidate
  JOIN person AS p USING (person_id)
 WHERE p.birth_date <= :birthday
   AND length(p.birth_date) = 10
   AND p.full_name IS NOT NULL
   AND p.sex IS NOT NULL
   AND p.pid IS NOT NULL
   AND coalesce(p.nationality, 'VN') = 'VN'
   AND coalesce(p.permanent_place, p.current_place) IS NOT NULL
   AND p.death_date IS NULL
   AND NOT p.in_review
   AND NOT EXISTS (SELECT FROM card AS c WHERE c.person_id = p.person_id)
   AND NOT EXISTS (SELECT FROM person_alias AS a JOIN card AS c ON c.person_id = a.old_id
                    WHERE a.person_id = p.person_id)
