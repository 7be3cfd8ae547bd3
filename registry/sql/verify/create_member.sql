-- Which person each accepted form belongs to today.
SELECT f.form_id, f.load_no, f.file_no, f.file_id, f.row_no, f.number_key, f.name_key, f.birth_key, f.card_key, f.kin_key,
       j.person_id AS own_id, coalesce(a.person_id, j.person_id) AS person_id, l.business_date AS night
  FROM archive.form AS f
  JOIN store.judgement AS j USING (form_id)
  LEFT JOIN store.person_alias AS a ON a.old_id = j.person_id
  LEFT JOIN store.load AS l ON l.load_no = f.load_no
