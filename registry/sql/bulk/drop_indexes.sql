DROP INDEX IF EXISTS judgement_person, person_birth, person_pid, person_cmnd_no
