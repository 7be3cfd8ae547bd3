-- The person's forms in the order in which they came, each with the judgement that brought it here.
SELECT replace(j.form_id::text, '-', '') AS form_id, f.sender, f.name AS file, j.row_no, r.form_no,
       r.outcome::text AS outcome, j.rule, r.rules AS marked, l.business_date AS night, j.load_no, l.load_id, f.file_no,
       j.person_id::text AS judged_as
  FROM judgement AS j
  LEFT JOIN file AS f USING (file_id)
  LEFT JOIN received_row AS r USING (file_id, row_no)
  LEFT JOIN load AS l ON l.load_no = j.load_no
 WHERE j.person_id = ANY(CAST(:ids AS uuid[]))
 ORDER BY j.load_no, f.sender, f.name, j.row_no
