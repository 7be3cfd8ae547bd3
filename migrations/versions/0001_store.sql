-- The store: what was decided. What arrived lies in the object store.

CREATE TYPE file_state AS ENUM ('waiting', 'received', 'taken', 'held', 'repeat', 'refused');
CREATE TYPE row_outcome AS ENUM
    ('unreadable', 'quarantined', 'held', 'duplicate', 'review', 'new', 'matched');

-- A night's run of the flow, for the report; correctness never rests on it.
CREATE TABLE night_run (
    run_id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    business_date date NOT NULL,
    started_at    timestamptz NOT NULL DEFAULT now(),
    ended_at      timestamptz,
    summary       jsonb,
    validation    jsonb                             -- counts of the store suite
);

-- Files of one province that were read, judged and merged together, in one transaction.
CREATE TABLE load (
    load_no       integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    load_id       text NOT NULL UNIQUE,             -- SHA-256 of the sorted list of its files
    business_date date NOT NULL,
    province      text NOT NULL,
    merged_at     timestamptz NOT NULL DEFAULT now(),
    validation    jsonb NOT NULL,                   -- counts by rule, no values
    seconds       jsonb NOT NULL DEFAULT '{}'       -- duration by stage
);

-- The ledger: one row for each file that landed.
CREATE TABLE file (
    file_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key           text NOT NULL,                    -- where it landed
    sender        text NOT NULL,
    name          text NOT NULL,
    sha256        text,                             -- null while it is still being written
    size          bigint,
    sidecar       jsonb,
    state         file_state NOT NULL,
    reason_code   text,
    reason        text,
    who_acts      text CHECK (who_acts IN ('sender', 'operator')),
    business_date date NOT NULL,                    -- the night that last looked at it
    load_no       integer REFERENCES load,
    file_no       integer,                          -- its ordinal in the load
    encoding      text,
    rows          bigint,
    profile       jsonb,                            -- shares of missing values: the sender's history
    received_at   timestamptz NOT NULL DEFAULT now(),
    ended_at      timestamptz,
    left_landing  boolean NOT NULL DEFAULT false    -- the landed copy is gone: the archive has the bytes
);
CREATE UNIQUE INDEX file_at_landing ON file (key) WHERE NOT left_landing;
CREATE UNIQUE INDEX file_taken_once ON file (sha256) WHERE state = 'taken';
CREATE INDEX file_of_load ON file (load_no);
CREATE INDEX file_of_night ON file (business_date);
CREATE INDEX file_of_sender ON file (sender, file_id);

-- Every physical row of a taken or held file, with its one outcome.
CREATE TABLE received_row (
    file_id  bigint NOT NULL,
    row_no   bigint NOT NULL,
    outcome  row_outcome NOT NULL,
    form_id  uuid,                                  -- null for an unreadable row
    form_no  text,
    rules    text,                                  -- failing rules, ';' between
    PRIMARY KEY (file_id, row_no)
);
CREATE INDEX received_row_open ON received_row (file_id) WHERE outcome IN ('unreadable', 'quarantined', 'review');

-- A failed row that the sender has sent again, corrected.
CREATE TABLE correction (
    file_id    bigint NOT NULL,
    row_no     bigint NOT NULL,
    by_file_id bigint NOT NULL,
    by_row_no  bigint NOT NULL,
    PRIMARY KEY (file_id, row_no)
);

-- Which person an accepted form belongs to, by which rule; with the keys by which later forms find it.
CREATE TABLE judgement (
    form_id    uuid PRIMARY KEY,
    person_id  uuid NOT NULL,                       -- as decided then; person_alias says who that is today
    number_key bigint,                              -- personal number
    name_key   bigint,
    birth_key  bigint,
    card_key   bigint,                              -- old card number, name and birth date
    kin_key    bigint,                              -- name, birth date, sex, parents and origin
    file_id    bigint NOT NULL,
    row_no     bigint NOT NULL,
    load_no    integer NOT NULL,
    rule       text NOT NULL
);
CREATE INDEX judgement_load ON judgement USING brin (load_no);   -- what a night touched; rows lie in its order

-- Two persons that a form tied together: the older id stays, the other one leads to it.
CREATE TABLE person_alias (
    old_id    uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    load_no   integer NOT NULL
);
CREATE INDEX person_alias_person ON person_alias (person_id);

-- Where each accepted form belongs today.
CREATE VIEW membership AS
SELECT j.form_id, coalesce(a.person_id, j.person_id) AS person_id,
       j.number_key, j.name_key, j.birth_key, j.card_key, j.kin_key, j.file_id, j.row_no, j.load_no, j.rule
  FROM judgement AS j
  LEFT JOIN person_alias AS a ON a.old_id = j.person_id;

-- One record a person: each group of columns with the stamp of the form that it came from.
CREATE TABLE person (
    person_id uuid PRIMARY KEY,
    in_review boolean NOT NULL DEFAULT false,       -- people must decide: another person states the same personal number, or trusted sources disagree
    full_name text,
    other_name text,
    birth_date text,
    sex text,
    blood_group text,
    marital_status text,
    ethnicity text,
    religion text,
    nationality text,
    birth_registration_place text,
    birth_registration_place_from date,
    origin_place text,
    origin_place_from date,
    permanent_place text,
    permanent_place_from date,
    permanent_address text,
    temporary_place text,
    temporary_place_from date,
    temporary_address text,
    current_place text,
    current_place_from date,
    current_address text,
    pid text,
    cmnd_no text,
    father_name text,
    father_id text,
    mother_name text,
    mother_id text,
    spouse_name text,
    spouse_id text,
    representative_name text,
    representative_id text,
    household_no text,
    head_name text,
    head_id text,
    relation_to_head text,
    phone text,
    death_date text,
    name_stamp bigint,
    other_name_stamp bigint,
    birth_stamp bigint,
    sex_stamp bigint,
    blood_group_stamp bigint,
    marital_status_stamp bigint,
    ethnicity_stamp bigint,
    religion_stamp bigint,
    nationality_stamp bigint,
    birth_registration_stamp bigint,
    origin_stamp bigint,
    permanent_stamp bigint,
    temporary_stamp bigint,
    current_stamp bigint,
    pid_stamp bigint,
    cmnd_no_stamp bigint,
    father_stamp bigint,
    mother_stamp bigint,
    spouse_stamp bigint,
    representative_stamp bigint,
    household_stamp bigint,
    phone_stamp bigint,
    death_stamp bigint
);

-- Who is looked at after the merges; filled anew each time, and not temporary, so that two workers can scan it.
CREATE UNLOGGED TABLE touched (person_id uuid NOT NULL);

-- Hand-off to the card production centre.
CREATE TABLE card_batch (
    sequence      integer PRIMARY KEY,              -- gapless
    business_date date NOT NULL,
    cards         bigint NOT NULL,
    up_to_load    integer NOT NULL,                 -- loads that it has looked at
    sha256        text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    published_at  timestamptz                       -- the manifest lies in the outbox
);
CREATE TABLE card (
    person_id uuid PRIMARY KEY,                     -- a person is asked for once
    sequence  integer NOT NULL
);
CREATE INDEX card_of_batch ON card (sequence);
