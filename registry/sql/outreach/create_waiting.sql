-- Who must have a card and has asked for none: living citizens of an age to have one, with all that a card needs, of whom
-- nobody has to decide, and no dossier that may still come to a card.
-- Law on Identification 26/2023/QH15 art. 19: citizens of 14 and more must have a card.
--
-- No form says where somebody works. Whoever lodges where persons lodge who gave their dossiers when a company was
-- visited is counted with that company: the one that most of them gave.
CREATE TEMP TABLE waiting ON COMMIT DROP AS
WITH asked AS NOT MATERIALIZED (
    SELECT coalesce(a.person_id, d.person_id) AS person_id, d.mode, d.company
      FROM dossier AS d
      LEFT JOIN person_alias AS a ON a.old_id = d.person_id
      LEFT JOIN card AS c USING (dossier_id)
     WHERE c.state IS NULL OR c.state NOT IN ('returned', 'cancelled', 'purged')
), lodging AS (
    SELECT p.temporary_place, p.temporary_place_from, p.temporary_address,
           mode() WITHIN GROUP (ORDER BY a.company) AS company
      FROM asked AS a
      JOIN person AS p USING (person_id)
     WHERE a.mode = 'company_visit' AND a.company IS NOT NULL
       AND p.temporary_place IS NOT NULL AND p.temporary_address IS NOT NULL
     GROUP BY 1, 2, 3
)
SELECT p.person_id, l.company,
       coalesce(p.temporary_place, p.current_place, p.permanent_place) AS place,
       CASE WHEN p.temporary_place IS NOT NULL THEN p.temporary_place_from
            WHEN p.current_place IS NOT NULL THEN p.current_place_from
            ELSE p.permanent_place_from END AS place_from
  FROM person AS p
  LEFT JOIN lodging AS l USING (temporary_place, temporary_place_from, temporary_address)
 WHERE p.birth_date <= %(born_by)s
   AND length(p.birth_date) = 10
   AND p.full_name IS NOT NULL
   AND p.sex IS NOT NULL
   AND p.pid IS NOT NULL
   AND coalesce(p.nationality, 'VN') = 'VN'
   AND coalesce(p.permanent_place, p.current_place) IS NOT NULL
   AND p.death_date IS NULL
   AND NOT p.in_review
   AND NOT EXISTS (SELECT FROM asked WHERE asked.person_id = p.person_id)
