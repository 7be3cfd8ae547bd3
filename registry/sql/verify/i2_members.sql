SELECT 'person' AS place,
       count(*) FILTER (WHERE p.person_id IS NULL) AS "persons of accepted forms are missing",
       count(*) FILTER (WHERE m.person_id IS NULL) AS "persons have no form",
       count(*) FILTER (WHERE p.in_review IS DISTINCT FROM (o.person_id IS NOT NULL OR c.person_id IS NOT NULL OR p.in_conflict) AND p.person_id = m.person_id)
           AS "persons are in review, or not, against what waits for people"
  FROM (SELECT DISTINCT person_id FROM archive.member) AS m
  FULL JOIN (SELECT person_id, in_review, {in_conflict} AS in_conflict FROM store.person) AS p USING (person_id)
  LEFT JOIN (SELECT DISTINCT unnest([one, two]) AS person_id
               FROM (SELECT least(a.person_id, b.person_id) AS one, greatest(a.person_id, b.person_id) AS two
                       FROM store.pair AS p
                       JOIN archive.member AS a ON a.form_id = p.form_a
                       JOIN archive.member AS b ON b.form_id = p.form_b AND b.person_id <> a.person_id
                       LEFT JOIN store.holding_verdict AS v ON v.form_a = p.form_a AND v.form_b = p.form_b
                      GROUP BY one, two
                     HAVING bool_or(NOT p.apart AND coalesce(v.verdict, 'unsure') = 'unsure') AND NOT bool_or(p.apart))) AS o
    ON o.person_id = p.person_id
  LEFT JOIN (SELECT DISTINCT person_id FROM store.person_correction WHERE in_conflict) AS c ON c.person_id = p.person_id
