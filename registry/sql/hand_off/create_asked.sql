-- Whom the centre is asked a card for: what waits, and nothing speaks against it. Each is looked up by its key: joined, the
-- planner would read every dossier and person that there is.
CREATE TEMP TABLE asked ON COMMIT DROP AS
SELECT c.dossier_id, c.attempt, p.person_id
  FROM card AS c
 CROSS JOIN LATERAL (SELECT d.person_id FROM dossier AS d WHERE d.dossier_id = c.dossier_id LIMIT 1) AS d
  LEFT JOIN LATERAL (SELECT a.person_id FROM person_alias AS a WHERE a.old_id = d.person_id LIMIT 1) AS a ON true
 CROSS JOIN LATERAL (SELECT p.person_id
                       FROM person AS p
                      WHERE p.person_id = coalesce(a.person_id, d.person_id)
                        AND NOT p.in_review
                        AND p.death_date IS NULL
                        AND p.pid IS NOT NULL
                        AND p.full_name IS NOT NULL
                        AND p.sex IS NOT NULL
                        AND length(p.birth_date) = 10
                        AND coalesce(p.nationality, 'VN') = 'VN'
                      LIMIT 1) AS p
 WHERE c.state = 'captured'
   AND c.on_hold IS NULL
