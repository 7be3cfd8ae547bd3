-- The persons to whom forms belong today that nobody asked of yet, looked up in the order of the index.
CREATE TEMP TABLE added ON COMMIT DROP AS
SELECT DISTINCT m.person_id
  FROM (SELECT form_id FROM hit EXCEPT SELECT form_id FROM concerned_form ORDER BY form_id) AS h
  JOIN membership AS m USING (form_id)
