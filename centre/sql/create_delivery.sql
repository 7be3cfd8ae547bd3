-- What offices say of cards, a file an office and run.
CREATE TABLE delivery (
    run INTEGER NOT NULL,
    office VARCHAR NOT NULL,
    happened_at VARCHAR NOT NULL,
    event VARCHAR NOT NULL,
    card_number VARCHAR NOT NULL,
    shipment VARCHAR NOT NULL,
    reason VARCHAR,
    sent BOOLEAN NOT NULL DEFAULT false
)
