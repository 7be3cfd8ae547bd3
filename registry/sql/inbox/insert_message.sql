INSERT INTO message (source, kind, sequence, batch_no, key, sha256, state, reason, lines, business_date)
VALUES (:source, :kind, :sequence, :batch_no, :key, :sha256, :state, :reason, :lines, :date)
RETURNING message_no
