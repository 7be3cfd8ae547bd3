-- What the fold of their events comes to: they were captured, and nothing else was said of this attempt.
UPDATE card AS c
   SET state = 'handed_off', since = :decided_at, reason = NULL, batch_no = :batch_no
  FROM asked AS k
 WHERE k.dossier_id = c.dossier_id
