-- Who is who by weight: judgements that are appended, pairs of forms that the model weighed, what reviewers say.

DROP VIEW membership;
DROP VIEW number_of_person;
DROP TABLE judgement;
DROP TABLE allocated_number;

-- Which person an accepted form belongs to, since when and why. Rows are appended and never changed: the latest one
-- of a form says where it belongs today.
CREATE TABLE judgement (
    form_id      uuid NOT NULL,
    judged_no    smallint NOT NULL,                 -- 0 when the form arrived, then 1, 2, …
    person_id    uuid NOT NULL,
    rule         text NOT NULL,                     -- `first`, `undecided`, `weight`; later `tied`, `parted`
    weight       real,                              -- of the pair that ties it most, log2 of the odds
    file_id      bigint NOT NULL,
    row_no       bigint NOT NULL,
    load_no      integer NOT NULL,                  -- after which load it was judged so
    verdict_no   bigint,                            -- and after which word of a reviewer, if that was the cause
    number       bigint,                            -- personal number as stated
    number_holds boolean,                           -- it says what the form says of sex and birth
    known_number bigint,                            -- the number that it replaces
    name         bigint,                            -- birth name
    register     bigint,                            -- household register (file and book) in which the form is a row
    member       bigint NOT NULL,                   -- name and birth date
    PRIMARY KEY (form_id, judged_no)
);
CREATE INDEX judgement_load ON judgement USING brin (load_no);   -- what a night touched; rows lie in its order
CREATE INDEX judgement_later ON judgement (form_id, judged_no) INCLUDE (person_id) WHERE judged_no > 0;

-- Where each accepted form belongs today.
CREATE VIEW membership AS
SELECT j.form_id, coalesce(l.person_id, j.person_id) AS person_id, j.person_id AS first_person_id, j.number, j.number_holds,
       j.known_number, j.name, j.register, j.member, j.file_id, j.row_no, j.load_no, j.rule, j.weight
  FROM judgement AS j
  LEFT JOIN LATERAL (SELECT later.person_id
                       FROM judgement AS later
                      WHERE later.form_id = j.form_id AND later.judged_no > 0
                      ORDER BY later.judged_no DESC LIMIT 1) AS l ON true
 WHERE j.judged_no = 0;

-- Two forms that the model weighed and that may be of one person, or that state one personal number.
CREATE TABLE pair (
    form_a   uuid NOT NULL,
    form_b   uuid NOT NULL CHECK (form_a < form_b),
    weight   real NOT NULL,                         -- log2 of the odds that they are of one person
    parts    real[] NOT NULL,                       -- of the weight, one a comparison of the model
    apart    boolean NOT NULL,                      -- plainly two persons: nobody need look
    load_no  integer NOT NULL,                      -- the load that brought the later form
    PRIMARY KEY (form_a, form_b)
);
CREATE INDEX pair_b ON pair (form_b);

-- What reviewers said of two forms. Rows are appended and never changed: the latest one of a pair holds.
CREATE TABLE verdict (
    verdict_no bigint GENERATED ALWAYS AS IDENTITY,
    form_a     uuid NOT NULL,
    form_b     uuid NOT NULL CHECK (form_a < form_b),
    verdict    text NOT NULL CHECK (verdict IN ('same', 'different', 'never', 'unsure')),
    reviewer   text NOT NULL,
    reason     text,
    case_id    text,                                -- the case that the reviewer saw
    said_at    timestamptz NOT NULL DEFAULT now(),
    business_date date NOT NULL,
    PRIMARY KEY (verdict_no)
);
CREATE INDEX verdict_pair ON verdict (form_a, form_b, verdict_no);
CREATE INDEX verdict_b ON verdict (form_b);

-- What holds of each pair that a reviewer has spoken of.
CREATE VIEW holding_verdict AS
SELECT DISTINCT ON (form_a, form_b) form_a, form_b, verdict, verdict_no, reviewer, said_at
  FROM verdict ORDER BY form_a, form_b, verdict_no DESC;

-- Pairs whose forms belong to two persons today, and that people must decide. Persons of whom some form is plainly apart
-- from a form of the other are two, whatever else their forms agree on.
CREATE VIEW open_pair AS
SELECT p.form_a, p.form_b, a.person_id AS person_a, b.person_id AS person_b, p.weight, p.parts, p.load_no,
       v.verdict = 'unsure' AS is_unsure
  FROM pair AS p
  JOIN membership AS a ON a.form_id = p.form_a
  JOIN membership AS b ON b.form_id = p.form_b AND b.person_id <> a.person_id
  LEFT JOIN holding_verdict AS v ON v.form_a = p.form_a AND v.form_b = p.form_b
 WHERE NOT p.apart AND coalesce(v.verdict, 'unsure') = 'unsure'
   AND NOT EXISTS (SELECT
                     FROM judgement AS j
                     JOIN membership AS m ON m.form_id = j.form_id AND m.person_id = a.person_id
                     JOIN LATERAL (SELECT form_b AS other FROM pair WHERE form_a = m.form_id AND apart
                                   UNION ALL
                                   SELECT form_a FROM pair WHERE form_b = m.form_id AND apart) AS plain ON true
                     JOIN membership AS o ON o.form_id = plain.other AND o.person_id = b.person_id
                    WHERE j.person_id = a.person_id);

-- The model that the store is resolved with: pairs of two models cannot be compared.
CREATE TABLE linkage_model (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),   -- there is one row
    version  text NOT NULL
);

-- Every number that was given. It counts as if the form that the person is called after stated it.
CREATE TABLE allocated_number (
    number        text PRIMARY KEY,                 -- personal number, 12 digits
    person_id     uuid NOT NULL UNIQUE,             -- as of then; person_alias says who that is today
    business_date date NOT NULL,
    after_load    integer NOT NULL,                 -- the last load in the store when it was given
    member        bigint NOT NULL                   -- name and birth date, on which all forms of the person agreed
);
CREATE INDEX allocated_number_load ON allocated_number (after_load);

-- Which personal numbers a person has by its forms or by allocation.
CREATE VIEW number_of_person AS
SELECT person_id, number FROM membership WHERE number IS NOT NULL
UNION ALL
SELECT coalesce(a.person_id, n.person_id), CAST(n.number AS bigint)
  FROM allocated_number AS n LEFT JOIN person_alias AS a ON a.old_id = n.person_id;
