DROP INDEX IF EXISTS judgement_person, person_birth, person_residence
