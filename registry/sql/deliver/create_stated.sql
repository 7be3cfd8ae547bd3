CREATE TEMP TABLE stated (
    message_no bigint, line_no bigint, event text, happened_at timestamptz, card_number text, reason text, wrong text
) ON COMMIT DROP
