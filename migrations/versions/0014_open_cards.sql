-- Cards that somebody owes something for: what a night counts of them stands in the index, and cards are not read.
CREATE INDEX card_open ON card (batch_no, state, office, on_hold, since)
 WHERE state IN ('handed_off', 'accepted', 'qc_failed', 'produced', 'shipped', 'arrived', 'undeliverable');
DROP INDEX card_batch_open;
DROP INDEX card_office;
