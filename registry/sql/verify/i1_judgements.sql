SELECT 'judgement, load ' || coalesce(f.load_no, j.load_no) AS place,
       count(*) FILTER (WHERE j.form_id IS NULL) AS "accepted forms have no judgement",
       count(*) FILTER (WHERE f.form_id IS NULL) AS "judgements are of no accepted form",
       count(*) FILTER (WHERE f.form_id = j.form_id AND (f.file_id, f.row_no, f.load_no) <> (j.file_id, j.row_no, j.load_no))
           AS "judgements name another row than the form's first"
  FROM archive.form AS f
  FULL JOIN (FROM store.judgement WHERE judged_no = 0) AS j USING (form_id)
 GROUP BY coalesce(f.load_no, j.load_no)
 ORDER BY coalesce(f.load_no, j.load_no)
