-- Persons that a form tied to another one leave the table; their rows are folded into the one that stays.
DELETE FROM person WHERE person_id IN (SELECT old_id FROM tied)
