INSERT INTO card_event (dossier_id, attempt, event, happened_at, batch_no, business_date)
SELECT dossier_id, attempt, 'handed_off', :decided_at, :batch_no, :business_date
  FROM asked
 ORDER BY dossier_id
