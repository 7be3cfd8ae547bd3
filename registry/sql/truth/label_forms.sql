-- The accepted forms of these files that these labels speak of; the form's first row stands for it.
INSERT INTO labelled_form (form_id, person_key)
SELECT DISTINCT ON (r.form_id) r.form_id, l.person_key
  FROM {labels} AS l
  JOIN file AS f USING (sender)
  JOIN received_row AS r ON r.file_id = f.file_id AND r.form_no = l.form_no
 WHERE {files} AND r.outcome IN ('new', 'matched', 'review')
 ORDER BY r.form_id
ON CONFLICT (form_id) DO UPDATE SET person_key = excluded.person_key
