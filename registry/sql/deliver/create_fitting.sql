-- What each line is about: the card of that number, if it went to the office that speaks of it.
CREATE TEMP TABLE fitting ON COMMIT DROP AS
SELECT s.*, e.dossier_id, e.attempt,
       coalesce(s.wrong, CASE WHEN e.dossier_id IS NULL THEN 'unknown_card'
                              WHEN m.source <> coalesce(c.office, d.station) THEN 'other_office' END) AS unfit
  FROM stated AS s
  JOIN message AS m USING (message_no)
  LEFT JOIN card_event AS e ON e.card_number = s.card_number AND e.event = 'produced'
  LEFT JOIN dossier AS d ON d.dossier_id = e.dossier_id
  LEFT JOIN card AS c ON c.dossier_id = e.dossier_id
