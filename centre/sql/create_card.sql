-- Cards that are made: one a dossier, and another where the first fails quality control.
CREATE TABLE card (
    batch INTEGER NOT NULL,
    line INTEGER NOT NULL,
    late INTEGER NOT NULL,
    dossier VARCHAR NOT NULL,
    attempt SMALLINT NOT NULL,
    office VARCHAR NOT NULL,
    qc VARCHAR NOT NULL,
    card_number VARCHAR NOT NULL,
    chip_serial VARCHAR NOT NULL
)
