-- Batches that were taken, each whole and in its order.
CREATE TABLE batch (
    sequence INTEGER PRIMARY KEY,
    manifest_sha256 VARCHAR NOT NULL
)
