-- Cards on their way to an office, at it, and out of it.
CREATE TABLE stock (
    card_number VARCHAR NOT NULL,
    shipment VARCHAR NOT NULL,
    office VARCHAR NOT NULL,
    shipped_at VARCHAR NOT NULL,
    luck DOUBLE NOT NULL,
    state VARCHAR NOT NULL   -- shipped, arrived, delivered, undeliverable
)
