-- What each line is about: the card of that number, if it went to the office that speaks of it. What is new about an
-- attempt that is over would change what the next one was asked for: a person looks at it.
CREATE TEMP TABLE fitting ON COMMIT DROP AS
SELECT s.*, e.dossier_id, e.attempt,
       coalesce(s.wrong, CASE WHEN e.dossier_id IS NULL THEN 'unknown_card'
                              WHEN m.source <> coalesce(c.office, d.station) THEN 'other_office'
                              WHEN e.attempt < c.attempt
                                   AND NOT EXISTS (SELECT FROM card_event AS k
                                                    WHERE (k.dossier_id, k.attempt, k.event, k.happened_at) =
                                                          (e.dossier_id, e.attempt, s.event, s.happened_at))
                              THEN 'attempt_over' END) AS unfit
  FROM stated AS s
  JOIN message AS m USING (message_no)
  LEFT JOIN (SELECT DISTINCT ON (card_number) card_number, dossier_id, attempt
               FROM card_event
              WHERE event = 'produced' AND card_number IN (SELECT card_number FROM stated)
              ORDER BY card_number, event_no) AS e USING (card_number)
  LEFT JOIN dossier AS d ON d.dossier_id = e.dossier_id
  LEFT JOIN card AS c ON c.dossier_id = e.dossier_id
