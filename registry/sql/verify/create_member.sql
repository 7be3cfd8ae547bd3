-- Which person each accepted form belongs to today.
SELECT f.form_id, f.load_no, f.file_no, f.file_id, f.row_no, j.number, j.number_holds, j.known_number, j.name, j.register, j.member,
       j.person_id AS own_id, coalesce(l.person_id, j.person_id) AS person_id, load.business_date AS night
  FROM archive.form AS f
  JOIN store.judgement AS j ON j.form_id = f.form_id AND j.judged_no = 0
  LEFT JOIN (SELECT form_id, arg_max(person_id, judged_no) AS person_id
               FROM store.judgement WHERE judged_no > 0 GROUP BY form_id) AS l ON l.form_id = f.form_id
  LEFT JOIN store.load AS load ON load.load_no = f.load_no
