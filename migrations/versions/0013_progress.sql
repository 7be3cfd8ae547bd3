-- How far each place is: counts of each night, and what was to be reached.

-- Accepted forms DC01 of all loads, by the residence that they state; a load adds its own when it is merged.
CREATE TABLE form_count (
    place      text NOT NULL,                       -- commune as stated; empty where a form states none
    place_from date NOT NULL,                       -- the first day of its unit
    forms      bigint NOT NULL,                     -- how many
    PRIMARY KEY (place, place_from)
);

-- Forms of earlier loads: where their person lives.
INSERT INTO form_count (place, place_from, forms)
SELECT coalesce(p.permanent_place, p.current_place, ''),
       coalesce(CASE WHEN p.permanent_place IS NULL THEN p.current_place_from ELSE p.permanent_place_from END, '1900-01-01'),
       count(*)
  FROM membership AS m
  JOIN person AS p USING (person_id)
  JOIN file AS f USING (file_id)
 WHERE split_part(f.key, '/', 2) = 'registers'
 GROUP BY 1, 2;

-- Cards by commune and state, kept up by those that have changed: a night looks at no others.
CREATE TABLE card_count (
    place      text NOT NULL,                       -- commune in which the applicant is counted
    place_from date NOT NULL,                       -- the day of which its code is
    applicant  text NOT NULL,                       -- permanent or temporary resident
    state      text NOT NULL,                       -- of the card
    cards      bigint NOT NULL,                     -- how many
    PRIMARY KEY (place, place_from, applicant, state)
);
ALTER TABLE card ADD COLUMN counted text[];         -- as it is counted: state, attempt, place, place_from, applicant
CREATE INDEX card_uncounted ON card (dossier_id)
 WHERE counted[1] IS DISTINCT FROM state OR counted[2] IS DISTINCT FROM attempt::text;

-- How each commune stood after a night. Codes stay as they were stated: who reads them says in which units.
CREATE TABLE progress_count (
    business_date       date NOT NULL,
    place               text NOT NULL,              -- commune; empty where none is stated
    place_from          date NOT NULL,              -- a day on which the code means it
    forms               bigint NOT NULL,            -- accepted forms DC01
    persons             bigint NOT NULL,            -- living, by permanent residence, failing that where they live now
    temporary_residents bigint NOT NULL,            -- living, who state a temporary residence there; counted at home too
    dossiers            bigint NOT NULL,            -- taken, and not returned, cancelled or purged
    produced            bigint NOT NULL,            -- of these: the card is made
    returned            bigint NOT NULL,            -- of these: the card came back to the receiving office
    delivered           bigint NOT NULL,            -- of these: the citizen has it
    temporary_dossiers  bigint NOT NULL,            -- of temporary residents, among `dossiers`
    temporary_produced  bigint NOT NULL,            -- of temporary residents, among `produced`
    temporary_returned  bigint NOT NULL,            -- of temporary residents, among `returned`
    temporary_delivered bigint NOT NULL,            -- of temporary residents, among `delivered`
    PRIMARY KEY (business_date, place, place_from)
);

-- Targets that came as files; those of the nation may stand in `config/targets.csv`.
CREATE TABLE target (
    place      text NOT NULL,                       -- `VN`, province, district or commune
    place_date date NOT NULL,                       -- a day on which the code means it
    measure    text NOT NULL,                       -- what is counted, see `registry/progress/targets.py`
    since      date NOT NULL,                       -- first day of the period; 1900-01-01: all that there is
    until      date NOT NULL,                       -- day by which it is to be reached
    target     bigint NOT NULL,                     -- how many it is to be
    set_by     text NOT NULL,                       -- who landed the file
    PRIMARY KEY (place, place_date, measure, since, until)
);
