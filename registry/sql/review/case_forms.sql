-- The forms of the persons of the cases, in the order in which they came.
SELECT c.person_id::text AS person_id, replace(c.form_id::text, '-', '') AS form_id, f.sender, f.name AS file, c.row_no,
       r.form_no, l.business_date AS night
  FROM case_form AS c
  JOIN file AS f USING (file_id)
  JOIN received_row AS r USING (file_id, row_no)
  JOIN load AS l ON l.load_no = c.load_no
 WHERE c.person_id = ANY(CAST(:persons AS uuid[]))
 ORDER BY c.load_no, f.sender, f.name, c.row_no
