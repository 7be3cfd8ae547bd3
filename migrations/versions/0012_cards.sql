-- Cards come from dossiers: batches to the production centre, its answers, and what becomes of each card.

-- The first form of the hand-off asked for a card for whoever was of age. Nobody could have made them: there were no photos.
DROP TABLE card;
DROP TABLE card_batch;

-- Accepted dossiers. The rows as sent lie in the archive.
CREATE TABLE dossier (
    dossier_id  uuid PRIMARY KEY,                   -- of station and number: the same dossier has the same id wherever it is sent
    station     text NOT NULL,                      -- who took it, and where the card goes
    number      text NOT NULL,                      -- the station's own
    person_id   uuid NOT NULL,                      -- as of its capture; person_alias says who that is today
    attempt     smallint NOT NULL,                  -- 1, and one more each time that it was corrected and sent again, or is made again
    captured_at timestamptz NOT NULL,
    mode        text NOT NULL,                      -- station, commune_visit, company_visit, home
    applicant   text NOT NULL,                      -- permanent or temporary resident
    reason      text NOT NULL,                      -- first, age_14, age_25, age_40, age_60, lost, damaged, changed, request
    company     text,                               -- where a company visit was
    place       text NOT NULL,                      -- commune in which the applicant is counted
    place_from  date NOT NULL,                      -- the day of which its code is
    photo                text,                      -- key in the object store; none below 6 years
    photo_sha256         text,
    fingerprints         text,                      -- key in the object store; none below 6 years
    fingerprints_sha256  text,
    iris                 text,                      -- key in the object store
    iris_sha256          text,
    representative_id    text,                      -- personal number of whoever applied for a child
    file_id     bigint NOT NULL,
    row_no      bigint NOT NULL,
    load_no     integer NOT NULL
);
CREATE INDEX dossier_person ON dossier (person_id);
CREATE INDEX dossier_load ON dossier USING brin (load_no);

-- A batch to a production centre as it was decided. Its bytes never change: a resend is the same.
CREATE TABLE card_batch (
    batch_no        integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    centre          text NOT NULL,
    sequence        integer NOT NULL,               -- gapless for each centre
    business_date   date NOT NULL,
    dossiers        bigint NOT NULL,
    hash_total      text NOT NULL,                  -- of its dossiers, see docs/reference/card-protocol.md
    sealed_sha256   text NOT NULL,                  -- of the sealed file, and its name in the archive
    manifest        text NOT NULL,                  -- as published
    manifest_sha256 text NOT NULL,
    signature       text NOT NULL,                  -- as published
    decided_at      timestamptz NOT NULL DEFAULT now(),
    published_at    timestamptz,                    -- the manifest lies in the outbox
    received_at     timestamptz,                    -- the centre says that it arrived whole
    UNIQUE (centre, sequence)
);

-- Each file of a centre or an office that was looked at: the list to work from when something was refused.
CREATE TABLE message (
    message_no    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source        text NOT NULL,                    -- centre or office
    kind          text,                             -- receipt, syntax, content, production, shipment, delivery
    sequence      integer,                          -- the centre's own, gapless
    batch_no      integer REFERENCES card_batch,    -- that it answers
    key           text NOT NULL,                    -- where it lay
    sha256        text NOT NULL,                    -- and its name in the archive
    state         text NOT NULL CHECK (state IN ('taken', 'repeat', 'parked', 'refused')),
    reason        text,
    lines         bigint NOT NULL DEFAULT 0,
    business_date date NOT NULL,
    looked_at     timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX message_taken_once ON message (source, sha256) WHERE state = 'taken';
CREATE UNIQUE INDEX message_sequence ON message (source, sequence) WHERE state = 'taken' AND sequence IS NOT NULL;

-- What happened to each card. Rows are appended and never changed.
CREATE TABLE card_event (
    event_no      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    dossier_id    uuid NOT NULL,
    attempt       smallint NOT NULL,
    event         text NOT NULL,                    -- see `registry/cards/life.py`
    happened_at   timestamptz NOT NULL,
    reason        text,                             -- code
    card_number   text,
    chip_serial   text,
    shipment      text,
    office        text,
    batch_no      integer,                          -- of `handed_off` and of the centre's answers
    message_no    bigint,                           -- that said it
    business_date date NOT NULL
);
CREATE UNIQUE INDEX card_event_once ON card_event (dossier_id, attempt, event, happened_at);
CREATE UNIQUE INDEX card_event_batch ON card_event (batch_no, dossier_id) WHERE event = 'handed_off';   -- a batch asks once
CREATE UNIQUE INDEX card_event_handed_off ON card_event (dossier_id, attempt) WHERE event = 'handed_off';   -- and one batch asks
CREATE INDEX card_event_number ON card_event (card_number) WHERE event = 'produced';

-- What has become of each card: the fold of its events.
CREATE TABLE card (
    dossier_id  uuid PRIMARY KEY,
    state       text NOT NULL,                      -- see `registry/cards/life.py`
    attempt     smallint NOT NULL,
    since       timestamptz NOT NULL,               -- when the event happened that led to the state
    reason      text,                               -- code, of that event
    on_hold     text,                               -- why it must not go on
    card_number text,
    office      text,
    shipment    text,
    batch_no    integer
);
CREATE INDEX card_returned ON card (since) WHERE state = 'returned';
CREATE INDEX card_rejected ON card (dossier_id) WHERE state = 'rejected';
CREATE INDEX card_captured ON card (dossier_id) WHERE state = 'captured';
CREATE INDEX card_on_hold ON card (dossier_id) WHERE on_hold IS NOT NULL;
CREATE INDEX card_batch_open ON card (batch_no, since) WHERE state IN ('handed_off', 'accepted', 'qc_failed', 'produced');
CREATE INDEX card_office ON card (office) WHERE state IN ('shipped', 'arrived', 'undeliverable');

-- What fits nothing: a person works it off.
CREATE TABLE parked (
    parked_no     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_no    bigint REFERENCES message,        -- of a line that is about nobody known
    line_no       bigint,
    card_number   text,                             -- as the line has it: it may become known
    event         text,
    happened_at   timestamptz,
    event_reason  text,
    event_no      bigint UNIQUE,                    -- of a step that a card's life does not have
    dossier_id    uuid,
    reason        text NOT NULL,                    -- code
    business_date date NOT NULL,
    done_by       text,                             -- who worked it off
    done_at       timestamptz,
    note          text
);
CREATE INDEX parked_open ON parked (parked_no) WHERE done_at IS NULL;
CREATE INDEX parked_dossier ON parked (dossier_id);
