INSERT INTO parked (message_no, line_no, card_number, event, happened_at, event_reason, dossier_id, reason, business_date)
SELECT message_no, line_no, card_number, event, happened_at, reason, dossier_id, unfit, :date
  FROM fitting
 WHERE unfit IS NOT NULL
 ORDER BY message_no, line_no
