-- Persons that are tied to another leave the table, and so do those that are folded afresh.
DELETE FROM person WHERE person_id IN (SELECT old_id FROM tied UNION ALL SELECT person_id FROM parted)
