-- Forms in the order in which they came, each as it was judged when it came.
SELECT replace(j.form_id::text, '-', '') AS form_id, f.sender, f.name AS file, j.row_no, r.form_no,
       r.outcome::text AS outcome, j.rule, round(j.weight::numeric, 1)::float8 AS weight, r.rules AS marked,
       l.business_date AS night, j.load_no, l.load_id, f.file_no, j.person_id::text AS judged_as
  FROM judgement AS j
  LEFT JOIN file AS f USING (file_id)
  LEFT JOIN received_row AS r USING (file_id, row_no)
  LEFT JOIN load AS l ON l.load_no = j.load_no
 WHERE j.form_id = ANY(CAST(:forms AS uuid[])) AND j.judged_no = 0
 ORDER BY j.load_no, f.sender, f.name, j.row_no
