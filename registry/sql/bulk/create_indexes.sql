-- Indexes that a large night drops and builds afresh: the only place where they are defined.
CREATE INDEX IF NOT EXISTS judgement_number ON judgement (number_key) WHERE number_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS judgement_card ON judgement (card_key) WHERE card_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS judgement_kin ON judgement (kin_key) WHERE kin_key IS NOT NULL;
CREATE INDEX IF NOT EXISTS judgement_person ON judgement (person_id);
CREATE INDEX IF NOT EXISTS person_birth ON person (birth_date)
