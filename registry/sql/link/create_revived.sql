CREATE TEMP TABLE revived AS
SELECT person_id FROM named SEMI JOIN retired ON old_id = person_id
