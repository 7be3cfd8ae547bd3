CREATE TEMP TABLE drawn (
    prefix     text NOT NULL,
    position   integer NOT NULL,
    number     text NOT NULL,
    number_key bigint NOT NULL
) ON COMMIT DROP
