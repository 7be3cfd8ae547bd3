-- Indexes that a large night drops and builds afresh: the only place where they are defined.
CREATE INDEX IF NOT EXISTS judgement_person ON judgement (person_id);
CREATE INDEX IF NOT EXISTS person_birth ON person (birth_date)
