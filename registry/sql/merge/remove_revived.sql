-- An old id that is a person's again leads nowhere else.
DELETE FROM person_alias WHERE old_id IN (SELECT person_id FROM revived)
