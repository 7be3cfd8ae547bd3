INSERT INTO file (key, sender, name, sha256, size, sidecar, state, reason_code, reason, who_acts, business_date, ended_at)
VALUES (:key, :sender, :name, :sha256, :size, CAST(:sidecar AS jsonb), CAST(:state AS file_state),
        :reason_code, :reason, :who_acts, :business_date,
        CASE WHEN :state IN ('repeat', 'refused') THEN now() END)
ON CONFLICT (key) WHERE NOT left_landing DO UPDATE
   SET sha256 = excluded.sha256, size = excluded.size, sidecar = excluded.sidecar, state = excluded.state,
       reason_code = excluded.reason_code, reason = excluded.reason, who_acts = excluded.who_acts,
       business_date = excluded.business_date, ended_at = excluded.ended_at
