-- Indexes that a large night drops and builds afresh: the only place where they are defined.
CREATE INDEX IF NOT EXISTS judgement_person ON judgement (person_id);
CREATE INDEX IF NOT EXISTS person_birth ON person (birth_date);
-- Dossiers find their persons by these.
CREATE INDEX IF NOT EXISTS person_pid ON person (pid) WHERE pid IS NOT NULL;
CREATE INDEX IF NOT EXISTS person_cmnd_no ON person (cmnd_no) WHERE cmnd_no IS NOT NULL
