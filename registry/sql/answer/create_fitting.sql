-- Whether each line is about a dossier that was handed off: in the batch that is answered, where one is.
CREATE TEMP TABLE fitting ON COMMIT DROP AS
SELECT t.*, h.batch_no,
       CASE WHEN d.dossier_id IS NULL THEN 'unknown_dossier'
            WHEN h.dossier_id IS NULL THEN 'not_asked_for'
            WHEN h.batch_no <> :batch_no THEN 'other_batch'
            WHEN EXISTS (SELECT FROM card_event AS e
                          WHERE t.event = 'produced' AND e.event = 'produced' AND e.card_number = t.card_number
                            AND (e.dossier_id, e.attempt) <> (t.dossier_id, t.attempt)) THEN 'number_taken'
        END AS unfit
  FROM told AS t
  LEFT JOIN dossier AS d USING (dossier_id)
  LEFT JOIN card_event AS h ON h.dossier_id = t.dossier_id AND h.attempt = t.attempt AND h.event = 'handed_off'
