-- Damaged batches that were answered: the same damage is answered once.
CREATE TABLE damage (sequence INTEGER, seen VARCHAR, PRIMARY KEY (sequence, seen))
