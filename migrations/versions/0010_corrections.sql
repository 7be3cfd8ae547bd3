-- Corrections that movements state of persons, and whether what they correct stood there.

-- One row a correction; no values. Decided anew whenever a form of its person comes or moves, from the forms alone.
CREATE TABLE person_correction (
    form_id        uuid PRIMARY KEY,                -- the movement
    person_id      uuid NOT NULL,                   -- of today
    field_group    text NOT NULL,                   -- what it corrects, a group of `config/survivorship.csv`
    conflict_since date                             -- night since which what it corrects is not what stood there; null: it is
);
CREATE INDEX person_correction_person ON person_correction (person_id);
