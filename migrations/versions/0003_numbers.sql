-- Personal numbers that the register gives to persons who have none.

-- How far allocation has come: one row, which an allocator holds while it works, so that they work one after the other.
CREATE TABLE allocation (
    only_one   boolean PRIMARY KEY DEFAULT true CHECK (only_one),   -- there is one row
    key_check  text NOT NULL,                       -- by which the key is known again, and from which it cannot be told
    up_to_load integer NOT NULL                     -- loads whose persons it has looked at
);

-- One counter a range, moved on in the transaction that gives its numbers.
CREATE TABLE number_range (
    prefix text PRIMARY KEY,                        -- six digits: province, century and sex, year
    next   integer NOT NULL CHECK (next BETWEEN 0 AND 1000000)   -- places of its secret order that are used up
);

-- Every number that was given. It counts like a form of the person that states it with this name and birth date.
CREATE TABLE allocated_number (
    number        text PRIMARY KEY,                 -- personal number, 12 digits
    person_id     uuid NOT NULL UNIQUE,             -- as of then; person_alias says who that is today
    business_date date NOT NULL,
    after_load    integer NOT NULL,                 -- the last load in the store when it was given
    number_key    bigint NOT NULL,                  -- personal number
    name_key      bigint NOT NULL,
    birth_key     bigint NOT NULL
);
CREATE INDEX allocated_number_key ON allocated_number (number_key);
CREATE INDEX allocated_number_load ON allocated_number (after_load);

-- Which personal numbers a person has by its forms or by allocation, under the id as of then.
CREATE VIEW number_of_person AS
SELECT person_id, number_key FROM judgement WHERE number_key IS NOT NULL
UNION ALL
SELECT person_id, number_key FROM allocated_number;
