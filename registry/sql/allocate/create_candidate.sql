-- Whom a number is given to, counted through in each range. All forms of a person must agree on name and birth date.
-- Prefixes of births since July 2025 are not known.
CREATE TEMP TABLE candidate ON COMMIT DROP AS
WITH ranged AS (
    SELECT e.person_id,
           b.digits || ((CAST(left(e.birth_date, 2) AS integer) - 19) * 2 + CAST(e.sex = 'F' AS integer))
           || substr(e.birth_date, 3, 2) AS prefix
      FROM eligible AS e
      JOIN birth_province AS b USING (place, place_from)
     WHERE e.birth_date < %(new_provinces)s
), agreed AS (
    SELECT m.person_id, min(m.member) AS member
      FROM (SELECT DISTINCT j.form_id FROM judgement AS j JOIN ranged USING (person_id)) AS f
      JOIN membership AS m USING (form_id)
     GROUP BY m.person_id
    HAVING min(m.member) = max(m.member)
)
SELECT prefix, row_number() OVER (PARTITION BY prefix ORDER BY person_id) AS place, person_id, member
  FROM ranged
  JOIN agreed USING (person_id)
