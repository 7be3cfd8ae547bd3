UPDATE file
   SET state = CAST(:state AS file_state), reason_code = :reason_code, reason = :reason, who_acts = :who_acts,
       load_no = :load_no, file_no = :file_no, encoding = :encoding, rows = :rows,
       profile = CAST(:profile AS jsonb), business_date = :business_date, ended_at = now()
 WHERE file_id = :file_id AND state = 'received'
