-- Whom the centre is asked a card for: what waits, and nothing speaks against it; in an order that depends on nothing but
-- the dossiers. Each is looked up by its keys: joined, the planner would read every dossier and person that there is.
SELECT c.dossier_id, c.attempt, d.station, d.number, d.reason,
       d.photo, d.photo_sha256, d.fingerprints, d.fingerprints_sha256, d.iris, d.iris_sha256,
       p.pid, p.cmnd_no, p.full_name, p.birth_date, p.sex, coalesce(p.nationality, 'VN') AS nationality,
       p.origin_place, p.origin_place_from, p.birth_registration_place, p.birth_registration_place_from,
       p.permanent_place, p.permanent_place_from, p.permanent_address,
       p.temporary_place, p.temporary_place_from, p.temporary_address,
       p.father_name, p.mother_name
  FROM card AS c
 CROSS JOIN LATERAL (SELECT * FROM dossier WHERE dossier_id = c.dossier_id LIMIT 1) AS d
  LEFT JOIN LATERAL (SELECT person_id FROM person_alias WHERE old_id = d.person_id LIMIT 1) AS a ON true
 CROSS JOIN LATERAL (SELECT *
                       FROM person
                      WHERE person_id = coalesce(a.person_id, d.person_id)
                        AND NOT in_review
                        AND death_date IS NULL
                        AND pid IS NOT NULL
                        AND full_name IS NOT NULL
                        AND sex IS NOT NULL
                        AND length(birth_date) = 10
                        AND coalesce(nationality, 'VN') = 'VN'
                      LIMIT 1) AS p
 WHERE c.state = 'captured'
   AND c.on_hold IS NULL
 ORDER BY c.dossier_id
