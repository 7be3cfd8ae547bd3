-- How often the centre was run; faults let answers wait for a later run.
CREATE TABLE IF NOT EXISTS run (no INTEGER PRIMARY KEY)
