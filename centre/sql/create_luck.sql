-- From 0 up to 1, the same for the same words on every machine.
CREATE OR REPLACE TEMP MACRO luck(words) AS (md5_number_upper(words) >> 11)::DOUBLE / 9007199254740992
