INSERT INTO opinion (case_id, fingerprint, person_a, person_b, verdict, reviewer, reason, business_date)
VALUES (:case_id, :fingerprint, CAST(:person_a AS uuid), CAST(:person_b AS uuid), :verdict, :reviewer, :reason, :date)
