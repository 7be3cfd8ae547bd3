-- A person is called after one of its forms and a night, unless its first form was parted from it.
WITH parted AS (
    SELECT DISTINCT person_id FROM store.judgement WHERE rule = 'parted'
    UNION
    SELECT DISTINCT j.person_id FROM store.judgement AS j SEMI JOIN (FROM store.judgement WHERE rule = 'parted') USING (form_id)
), called AS (
    SELECT person_id, bool_or(replace(person_id, '-', '')[9:] = form_id[:24]) AS is_own FROM archive.member GROUP BY person_id
)
SELECT 'person, person_id' AS place,
       count(*) FILTER (WHERE NOT is_own) AS "persons are called after no form of theirs"
  FROM called ANTI JOIN parted USING (person_id)
