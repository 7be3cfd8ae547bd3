-- Lines that were about no card that was known, or that had gone elsewhere: those of which that is no longer so.
WITH again AS (
    DELETE FROM parked AS p
     USING message AS m, card_event AS e, dossier AS d, card AS c
     WHERE p.done_at IS NULL
       AND p.reason IN ('unknown_card', 'other_office')
       AND m.message_no = p.message_no
       AND e.event = 'produced' AND e.card_number = p.card_number
       AND d.dossier_id = e.dossier_id
       AND c.dossier_id = e.dossier_id
       AND (p.reason = 'unknown_card' OR m.source = coalesce(c.office, d.station))
    RETURNING p.message_no, p.line_no, p.event, p.happened_at, p.card_number, p.event_reason
)
INSERT INTO stated (message_no, line_no, event, happened_at, card_number, reason) SELECT * FROM again
