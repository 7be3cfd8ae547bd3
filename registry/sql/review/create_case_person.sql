-- What a case weighs of each of its persons: forms, dossiers, personal numbers.
CREATE TEMP TABLE case_person ON COMMIT DROP AS
WITH known AS (
    SELECT DISTINCT person_id, person_id AS id FROM case_form
    UNION
    SELECT a.person_id, a.old_id FROM person_alias AS a WHERE a.person_id IN (SELECT person_id FROM case_form)
), stated AS (
    SELECT person_id, number FROM case_form WHERE number IS NOT NULL
    UNION
    SELECT k.person_id, CAST(n.number AS bigint) FROM known AS k JOIN allocated_number AS n ON n.person_id = k.id
)
SELECT person_id, f.forms, f.content, coalesce(c.cards, 0) AS cards, coalesce(s.numbers, '{}') AS numbers
  FROM (SELECT person_id, count(*) AS forms, md5(string_agg(form_id::text, ',' ORDER BY form_id)) AS content
          FROM case_form GROUP BY person_id) AS f
  LEFT JOIN (SELECT k.person_id, count(*) AS cards FROM known AS k JOIN dossier AS d ON d.person_id = k.id
              GROUP BY k.person_id) AS c USING (person_id)
  LEFT JOIN (SELECT person_id, array_agg(number ORDER BY number) AS numbers FROM stated GROUP BY person_id) AS s
            USING (person_id)
