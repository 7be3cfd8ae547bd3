INSERT INTO concerned_form TABLE added_form;
INSERT INTO concerned_pair TABLE added_pair;
DELETE FROM hit
