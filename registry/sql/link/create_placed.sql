CREATE TEMP TABLE placed AS
SELECT form_id, label, n.person_id, l.person_id AS before, coalesce(n.founder = form_id, false) AS is_founder
  FROM labelled AS l JOIN named AS n USING (label)
UNION ALL
-- a new form in no pair makes a person
SELECT form_id, NULL, founded_by(form_id), NULL, true FROM member ANTI JOIN concerned USING (form_id)
