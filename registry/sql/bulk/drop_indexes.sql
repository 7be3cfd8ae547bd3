DROP INDEX IF EXISTS judgement_person, person_birth
