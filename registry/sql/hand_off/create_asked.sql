-- Whom the centre is asked a card for: what waits, and nothing speaks against it.
CREATE TEMP TABLE asked ON COMMIT DROP AS
SELECT c.dossier_id, c.attempt, p.person_id
  FROM card AS c
  JOIN dossier AS d USING (dossier_id)
  LEFT JOIN person_alias AS a ON a.old_id = d.person_id
  JOIN person AS p ON p.person_id = coalesce(a.person_id, d.person_id)
 WHERE c.state = 'captured'
   AND c.on_hold IS NULL
   AND NOT p.in_review
   AND p.death_date IS NULL
   AND p.pid IS NOT NULL
   AND p.full_name IS NOT NULL
   AND p.sex IS NOT NULL
   AND length(p.birth_date) = 10
   AND coalesce(p.nationality, 'VN') = 'VN'
