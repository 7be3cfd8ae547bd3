CREATE TEMP TABLE drawn (
    prefix   text NOT NULL,
    position integer NOT NULL,
    number   text NOT NULL
) ON COMMIT DROP
