-- Damaged batches that were answered: the same damage is answered once.
CREATE TABLE IF NOT EXISTS damage (sequence INTEGER, seen VARCHAR, PRIMARY KEY (sequence, seen))
