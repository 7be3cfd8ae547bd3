-- The persons to whom these forms belong today.
CREATE TEMP TABLE concerned ON COMMIT DROP AS
SELECT DISTINCT m.person_id FROM hit JOIN membership AS m USING (form_id)
