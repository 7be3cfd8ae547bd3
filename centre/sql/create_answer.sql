-- Answers as they were decided; each has its place in the centre's sequence when its run comes.
CREATE TABLE answer (
    no INTEGER PRIMARY KEY,
    kind VARCHAR NOT NULL,
    batch INTEGER NOT NULL,
    manifest_sha256 VARCHAR NOT NULL,
    lines VARCHAR,          -- file of its lines
    count BIGINT NOT NULL,
    hash_total VARCHAR NOT NULL,
    made_at VARCHAR NOT NULL,
    result VARCHAR,
    reason VARCHAR,
    due INTEGER NOT NULL,   -- run in which it is sent
    sequence INTEGER UNIQUE,
    sent BOOLEAN NOT NULL DEFAULT false
)
