-- Persons whom a reviewer's "never" keeps apart are not asked about again.

DROP VIEW open_pair;

-- Pairs that people must decide between the forms of these persons and those of others. Two persons are kept apart, whatever
-- else their forms agree on and whatever comes, where some form of one is plainly apart from a form of the other, or a
-- reviewer says that the two never are of one. `registry/sql/link/create_open_person.sql` says the same in DuckDB.
-- A function, since a view would look at the whole store first.
CREATE FUNCTION open_pair(persons uuid[])
RETURNS TABLE (person_id uuid, other_id uuid, form_a uuid, form_b uuid, weight real, parts real[], load_no integer,
               is_unsure boolean)
LANGUAGE sql STABLE AS $$
WITH form AS (
    SELECT DISTINCT m.form_id, m.person_id
      FROM unnest(persons) AS sought (person_id)
      JOIN judgement AS j USING (person_id)
      JOIN membership AS m ON m.form_id = j.form_id AND m.person_id = sought.person_id
), tie AS (
    SELECT f.person_id, o.person_id AS other_id, t.form_a, t.form_b, p.weight, p.parts, p.load_no, v.verdict,
           bool_or(coalesce(p.apart, false) OR coalesce(v.verdict = 'never', false))
               OVER (PARTITION BY f.person_id, o.person_id) AS kept_apart
      FROM form AS f
      JOIN LATERAL (SELECT p.form_a, p.form_b, p.form_b AS other FROM pair AS p WHERE p.form_a = f.form_id
                    UNION
                    SELECT p.form_a, p.form_b, p.form_a FROM pair AS p WHERE p.form_b = f.form_id
                    UNION
                    SELECT v.form_a, v.form_b, v.form_b FROM verdict AS v WHERE v.form_a = f.form_id AND v.verdict = 'never'
                    UNION
                    SELECT v.form_a, v.form_b, v.form_a FROM verdict AS v WHERE v.form_b = f.form_id AND v.verdict = 'never')
           AS t ON true
      JOIN membership AS o ON o.form_id = t.other AND o.person_id <> f.person_id
      LEFT JOIN pair AS p ON p.form_a = t.form_a AND p.form_b = t.form_b
      LEFT JOIN LATERAL (SELECT said.verdict
                           FROM verdict AS said
                          WHERE said.form_a = t.form_a AND said.form_b = t.form_b
                          ORDER BY said.verdict_no DESC LIMIT 1) AS v ON true
)
SELECT person_id, other_id, form_a, form_b, weight, parts, load_no, coalesce(verdict = 'unsure', false)
  FROM tie
 WHERE weight IS NOT NULL AND coalesce(verdict, 'unsure') = 'unsure' AND NOT kept_apart
$$;

-- Persons known by movements alone, whom a register must still name: few among many.
CREATE INDEX person_without_register ON person (person_id) WHERE full_name IS NULL OR birth_date IS NULL;
