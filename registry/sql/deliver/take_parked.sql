-- Lines that were about no card that was known: it may be by now.
WITH again AS (
    DELETE FROM parked
     WHERE done_at IS NULL AND reason IN ('unknown_card', 'other_office')
    RETURNING message_no, line_no, event, happened_at, card_number, event_reason
)
INSERT INTO stated (message_no, line_no, event, happened_at, card_number, reason) SELECT * FROM again
