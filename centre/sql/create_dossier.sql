-- Lines of the batches, and what is to become of each.
CREATE TABLE dossier (
    batch INTEGER NOT NULL,
    line INTEGER NOT NULL,
    dossier VARCHAR NOT NULL,
    attempt SMALLINT,
    office VARCHAR,
    error VARCHAR,      -- of syntax
    reason VARCHAR,     -- why it is rejected
    late INTEGER,       -- runs that it waits
    qc_failed BOOLEAN   -- its first card fails quality control
)
