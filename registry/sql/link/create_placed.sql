CREATE TEMP TABLE placed AS
SELECT form_id, label, n.person_id, l.person_id AS before, coalesce(n.founder = form_id, false) AS is_founder
  FROM labelled AS l JOIN named AS n USING (label)
