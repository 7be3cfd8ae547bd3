CREATE TEMP TABLE incoming (
    form_id    uuid NOT NULL,
    number_key bigint,
    card_key   bigint,
    kin_key    bigint
) ON COMMIT DROP
