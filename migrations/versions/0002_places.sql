-- Provinces, districts and communes as dated facts, each while it stood unchanged; filled from `config/places`.
CREATE TABLE place (
    code       text NOT NULL,                       -- 2, 3 or 5 digits; means a unit only on a day
    valid_from date NOT NULL,                       -- 1900-01-01: since before the first state that is known
    valid_to   date,                                -- day from which it stands no more; null while it stands
    level      text NOT NULL,                       -- `province`, `district` or `commune`
    name       text NOT NULL,                       -- without its kind
    full_name  text NOT NULL,                       -- with its kind
    parent     text,                                -- code of the unit that it lies in, in the same state
    PRIMARY KEY (code, valid_from)
);

-- Where a unit that stands no more lies today; several rows where it was divided, none where it is not known.
CREATE TABLE place_successor (
    code           text NOT NULL,                   -- of the unit that stands no more
    valid_from     date NOT NULL,                   -- its first day
    successor      text NOT NULL,                   -- code of a unit of today
    successor_from date NOT NULL,                   -- the first day of that one
    extent         text NOT NULL,                   -- `whole`, or `part` where an address or a person decides
    is_default     boolean NOT NULL,                -- has the seat; of districts and provinces: most communes
    PRIMARY KEY (code, valid_from, successor),
    FOREIGN KEY (code, valid_from) REFERENCES place,
    FOREIGN KEY (successor, successor_from) REFERENCES place
);
