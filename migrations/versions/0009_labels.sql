-- What somebody who knows has said of who is who.

-- Who is who: forms of one key are of one person. It says how good the decisions are, and decides nothing.
CREATE TABLE truth_label (
    sender     text NOT NULL,
    form_no    text NOT NULL,
    person_key text NOT NULL,                       -- as whoever knows calls the person
    PRIMARY KEY (sender, form_no)
);

-- The accepted forms among them.
CREATE TABLE labelled_form (
    form_id    uuid PRIMARY KEY,
    person_key text NOT NULL                        -- as in `truth_label`
);
CREATE INDEX labelled_form_person ON labelled_form (person_key);
