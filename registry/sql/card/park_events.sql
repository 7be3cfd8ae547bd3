INSERT INTO parked (event_no, dossier_id, reason, business_date)
SELECT event_no, dossier_id, reason, :date FROM refused_event ORDER BY event_no
ON CONFLICT (event_no) DO UPDATE SET reason = EXCLUDED.reason WHERE parked.done_at IS NULL
