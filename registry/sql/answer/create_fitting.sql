-- Whether each line is about a card that was asked for, in the batch that is answered, where one is. What is new about
-- an attempt that is over would change what the next one was asked for: a person looks at it.
CREATE TEMP TABLE fitting ON COMMIT DROP AS
SELECT t.*, h.batch_no,
       CASE WHEN c.dossier_id IS NULL THEN 'unknown_dossier'
            WHEN h.dossier_id IS NULL THEN 'not_asked_for'
            WHEN h.batch_no <> :batch_no THEN 'other_batch'
            WHEN t.attempt < c.attempt
                 AND NOT EXISTS (SELECT FROM card_event AS e
                                  WHERE (e.dossier_id, e.attempt, e.event, e.happened_at) =
                                        (t.dossier_id, t.attempt, t.event, t.happened_at)) THEN 'attempt_over'
            WHEN t.event = 'produced'
                 AND (t.card_number IN (SELECT card_number FROM told WHERE event = 'produced' GROUP BY 1 HAVING count(*) > 1)
                      OR EXISTS (SELECT FROM card_event AS e
                                  WHERE e.event = 'produced' AND e.card_number = t.card_number
                                    AND (e.dossier_id, e.attempt) <> (t.dossier_id, t.attempt))) THEN 'number_taken'
        END AS unfit
  FROM told AS t
  LEFT JOIN card AS c USING (dossier_id)
  LEFT JOIN card_event AS h ON h.dossier_id = t.dossier_id AND h.attempt = t.attempt AND h.event = 'handed_off'
