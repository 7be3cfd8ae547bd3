-- Review: what reviewers said of cases, and cards of persons who were tied or parted after they were asked for.

-- What a reviewer said of a case, as the answered workbook has it. Rows are appended and never changed. Of a case above
-- a stake it takes effect, as verdicts, when two reviewers say the same of the same state of the case.
CREATE TABLE opinion (
    opinion_no    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id       text NOT NULL,                    -- the case, see `registry/cases.py`
    fingerprint   text NOT NULL,                    -- the state of the case that the reviewer saw
    person_a      uuid NOT NULL,                    -- its persons, as of then
    person_b      uuid NOT NULL,                    -- the one with the greater id
    verdict       text NOT NULL CHECK (verdict IN ('same', 'different', 'never', 'unsure')),
    reviewer      text NOT NULL,                    -- who said it
    reason        text,                             -- the reviewer's remark
    said_at       timestamptz NOT NULL DEFAULT now(),
    business_date date NOT NULL
);
CREATE INDEX opinion_case ON opinion (case_id, fingerprint);

ALTER TABLE card ADD COLUMN on_hold_since date; -- its person was tied to another or parted since: it may be wrong
CREATE INDEX card_on_hold ON card (person_id) WHERE on_hold_since IS NOT NULL;

-- Of whom people must decide: few among many.
CREATE INDEX person_in_review ON person (person_id) WHERE in_review;
