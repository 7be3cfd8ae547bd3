-- Two persons of today between whom pairs wait: the case. Its fingerprint changes with all that decides: the forms of
-- both, the pairs with their weights, and what reviewers said of them, but for "cannot be told", which says nothing.
CREATE TEMP TABLE open_case ON COMMIT DROP AS
WITH said AS (
    SELECT c.person_a, c.person_b, string_agg(v.form_a || ' ' || v.form_b || ' ' || v.verdict, ',' ORDER BY v.form_a, v.form_b)
               AS content
      FROM (SELECT DISTINCT person_a, person_b FROM case_pair) AS c
      JOIN case_form AS a ON a.person_id IN (c.person_a, c.person_b)
      JOIN LATERAL (SELECT DISTINCT ON (v.form_b) v.form_a, v.form_b, v.verdict
                      FROM verdict AS v
                     WHERE v.form_a = a.form_id
                     ORDER BY v.form_b, v.verdict_no DESC) AS v ON v.verdict <> 'unsure'
      JOIN case_form AS b ON b.form_id = v.form_b AND b.person_id IN (c.person_a, c.person_b)
                         AND b.person_id <> a.person_id
     GROUP BY c.person_a, c.person_b
), heaviest AS (
    SELECT DISTINCT ON (person_a, person_b) person_a, person_b, parts
      FROM case_pair ORDER BY person_a, person_b, weight DESC, form_a, form_b
), opened AS (
    SELECT person_a, person_b, max(weight) AS weight, count(*) AS pairs, min(load_no) AS load_no,
           bool_and(is_unsure) AS is_unsure,
           string_agg(form_a || ' ' || form_b || ' ' || weight, ',' ORDER BY form_a, form_b) AS content
      FROM case_pair
     GROUP BY person_a, person_b
)
SELECT left(encode(sha256(convert_to(o.person_a || ' ' || o.person_b, 'UTF8')), 'hex'), 16) AS case_id,
       left(encode(sha256(convert_to(concat_ws(';', a.content, b.content, o.content, s.content), 'UTF8')), 'hex'), 32)
           AS fingerprint,
       o.person_a, o.person_b, o.weight, h.parts, o.pairs, o.is_unsure, l.business_date AS open_since,
       a.forms + b.forms AS forms, a.cards + b.cards AS cards,
       cardinality(ARRAY(SELECT unnest(a.numbers) UNION SELECT unnest(b.numbers))) AS numbers,
       cardinality(ARRAY(SELECT unnest(a.numbers) INTERSECT SELECT unnest(b.numbers))) AS contested
  FROM opened AS o
  JOIN heaviest AS h USING (person_a, person_b)
  JOIN case_person AS a ON a.person_id = o.person_a
  JOIN case_person AS b ON b.person_id = o.person_b
  JOIN load AS l ON l.load_no = o.load_no
  LEFT JOIN said AS s ON s.person_a = o.person_a AND s.person_b = o.person_b
