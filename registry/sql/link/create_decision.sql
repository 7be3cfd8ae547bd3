-- What becomes of each new form, by which pair.
CREATE TEMP TABLE decision AS
WITH side AS (
    SELECT form_a AS form_id, form_b AS other, weight, apart FROM tie
    UNION ALL
    SELECT form_b, form_a, weight, apart FROM tie
), best AS (
    SELECT p.form_id,
           max(s.weight) FILTER (WHERE o.person_id = p.person_id) AS tied,
           max(s.weight) FILTER (WHERE o.person_id <> p.person_id AND NOT s.apart) AS open
      FROM placed AS p
      JOIN side AS s USING (form_id)
      JOIN placed AS o ON o.form_id = s.other
     WHERE p.before IS NULL
     GROUP BY p.form_id
)
SELECT m.file_no, m.row_no, p.form_id, p.person_id,
       CASE WHEN NOT p.is_founder THEN '{weight}' WHEN b.open IS NOT NULL THEN '{undecided}' ELSE '{first}' END AS rule,
       CASE WHEN NOT p.is_founder THEN 'matched' WHEN b.open IS NOT NULL THEN 'review' ELSE 'new' END AS outcome,
       CASE WHEN p.is_founder THEN b.open ELSE b.tied END AS weight,
       m.stated_number AS number, m.number IS NOT NULL AS number_holds, m.known_number, m.name, m.register, m.member
  FROM placed AS p
  JOIN member AS m USING (form_id)
  LEFT JOIN best AS b USING (form_id)
 WHERE p.before IS NULL
