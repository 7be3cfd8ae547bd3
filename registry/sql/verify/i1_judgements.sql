SELECT 'judgement, load ' || coalesce(f.load_no, j.load_no) AS place,
       count(*) FILTER (WHERE j.form_id IS NULL) AS "accepted forms have no judgement",
       count(*) FILTER (WHERE f.form_id IS NULL) AS "judgements are of no accepted form",
       count(*) FILTER (WHERE f.form_id = j.form_id AND (f.file_id, f.row_no, f.load_no) <> (j.file_id, j.row_no, j.load_no))
           AS "judgements name another row than the form's first",
       count(*) FILTER (WHERE f.form_id = j.form_id
                          AND (f.number_key, f.name_key, f.birth_key, f.card_key, f.kin_key)
                              IS DISTINCT FROM (j.number_key, j.name_key, j.birth_key, j.card_key, j.kin_key))
           AS "judgements have other keys than their form"
  FROM archive.form AS f
  FULL JOIN store.judgement AS j USING (form_id)
 GROUP BY coalesce(f.load_no, j.load_no)
 ORDER BY coalesce(f.load_no, j.load_no)
