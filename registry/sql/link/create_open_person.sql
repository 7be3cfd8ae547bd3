-- Persons of whom people must decide: the function open_pair of the store says the same of what it holds.
CREATE TEMP TABLE open_person AS
SELECT DISTINCT unnest([one, two]) AS person_id
  FROM (SELECT least(a.person_id, b.person_id) AS one, greatest(a.person_id, b.person_id) AS two
          FROM tie AS t
          JOIN placed AS a ON a.form_id = t.form_a
          JOIN placed AS b ON b.form_id = t.form_b AND b.person_id <> a.person_id
         GROUP BY one, two
        HAVING bool_or(NOT t.apart AND coalesce(t.verdict, 'unsure') = 'unsure')
           AND NOT bool_or(t.apart OR coalesce(t.verdict = 'never', false)))
