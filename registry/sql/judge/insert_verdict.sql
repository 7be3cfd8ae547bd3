INSERT INTO verdict (form_a, form_b, verdict, reviewer, reason, case_id, business_date)
VALUES (CAST(:form_a AS uuid), CAST(:form_b AS uuid), :verdict, :reviewer, :reason, :case_id, :date)
RETURNING verdict_no
