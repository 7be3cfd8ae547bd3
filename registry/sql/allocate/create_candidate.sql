-- Whom a number is given to, counted through in each range. All forms of a person must agree on name and birth date,
-- and those two are the keys that stand beside the number. Prefixes of births since July 2025 are not known.
CREATE TEMP TABLE candidate ON COMMIT DROP AS
WITH ranged AS (
    SELECT e.person_id,
           b.digits || ((CAST(left(e.birth_date, 2) AS integer) - 19) * 2 + CAST(e.sex = 'F' AS integer))
           || substr(e.birth_date, 3, 2) AS prefix
      FROM eligible AS e
      JOIN birth_province AS b USING (place, place_from)
     WHERE e.birth_date < %(new_provinces)s
), ids AS (
    SELECT person_id, person_id AS own_id FROM ranged
    UNION ALL
    SELECT a.person_id, a.old_id FROM person_alias AS a JOIN ranged USING (person_id)
), agreed AS (
    SELECT ids.person_id, min(j.name_key) AS name_key, min(j.birth_key) AS birth_key
      FROM ids
      JOIN judgement AS j ON j.person_id = ids.own_id
     GROUP BY ids.person_id
    HAVING min(j.name_key) = max(j.name_key) AND min(j.birth_key) = max(j.birth_key)
)
SELECT prefix, row_number() OVER (PARTITION BY prefix ORDER BY person_id) AS place, person_id, name_key, birth_key
  FROM ranged
  JOIN agreed USING (person_id)
