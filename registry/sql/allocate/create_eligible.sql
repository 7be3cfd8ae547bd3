-- Persons without a number whose data are complete, of those whom loads have touched since the last allocation.
-- Only citizens have numbers (Law on Identification 26/2023/QH15 art. 12).
CREATE TEMP TABLE eligible ON COMMIT DROP AS
SELECT p.person_id, p.birth_date, p.sex, p.birth_registration_place AS place, p.birth_registration_place_from AS place_from
  FROM (SELECT DISTINCT coalesce(a.person_id, j.person_id) AS person_id
          FROM judgement AS j
          LEFT JOIN person_alias AS a ON a.old_id = j.person_id
         WHERE j.load_no > %(since_load)s) AS touched
  JOIN person AS p USING (person_id)
 WHERE p.pid IS NULL
   AND NOT p.in_review
   AND p.full_name IS NOT NULL
   AND length(p.birth_date) = 10
   AND p.birth_date >= '1900-01-01'
   AND p.sex IN ('M', 'F')
   AND p.birth_registration_place IS NOT NULL
   AND p.death_date IS NULL
   AND coalesce(p.nationality, 'VN') = 'VN'
