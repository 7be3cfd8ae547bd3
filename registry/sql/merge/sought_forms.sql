SELECT replace(p.form_id::text, '-', '') AS form_id, p.person_id::text AS person_id, f.sender, l.load_id, f.file_no, j.row_no
  FROM sought_form AS p
  JOIN judgement AS j ON j.form_id = p.form_id AND j.judged_no = 0
  JOIN file AS f USING (file_id)
  JOIN load AS l ON l.load_no = j.load_no
