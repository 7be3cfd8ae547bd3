-- Cards are handed off: what is said of them, and what the fold of their events comes to: they were captured, and nothing
-- else was said of this attempt.
WITH moved AS (
    UPDATE card AS c
       SET state = 'handed_off', since = :decided_at, reason = NULL, batch_no = :batch_no
      FROM unnest(CAST(:dossiers AS uuid[])) AS asked (dossier_id)
     WHERE asked.dossier_id = c.dossier_id
    RETURNING c.dossier_id, c.attempt
)
INSERT INTO card_event (dossier_id, attempt, event, happened_at, batch_no, business_date)
SELECT dossier_id, attempt, 'handed_off', :decided_at, :batch_no, :date
  FROM moved
 ORDER BY dossier_id
