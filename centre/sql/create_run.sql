-- How often the centre was run; faults let answers wait for a later run.
CREATE TABLE run (no INTEGER PRIMARY KEY)
