-- Who is asked for tonight: whom a load has touched since the last batch, and who has come of age since then.
-- Law on Identification 26/2023/QH15 art. 19: citizens of 14 and more must have a card.
INSERT INTO card (person_id, sequence)
SELECT p.person_id, %(sequence)s
  FROM (SELECT person_id FROM touched
        UNION ALL
        SELECT person_id FROM person
         WHERE birth_date > %(birthday_before)s AND birth_date <= %(birthday)s
           AND person_id NOT IN (SELECT person_id FROM touched)) AS candidate
  JOIN person AS p USING (person_id)
 WHERE p.birth_date <= %(birthday)s
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
 ORDER BY p.person_id
