DROP INDEX IF EXISTS judgement_number, judgement_card, judgement_kin, judgement_person, person_birth
