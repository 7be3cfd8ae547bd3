-- What was judged before stays; a further row says where the form belongs from now on.
INSERT INTO judgement (form_id, judged_no, person_id, rule, file_id, row_no, load_no, verdict_no,
                       number, number_holds, known_number, name, register, member)
SELECT m.form_id, 1 + coalesce((SELECT max(l.judged_no) FROM judgement AS l WHERE l.form_id = m.form_id AND l.judged_no > 0), 0),
       m.person_id, CASE WHEN m.is_tied THEN 'tied' ELSE 'parted' END, j.file_id, j.row_no, :load_no, :verdict_no,
       j.number, j.number_holds, j.known_number, j.name, j.register, j.member
  FROM moved AS m
  JOIN judgement AS j ON j.form_id = m.form_id AND j.judged_no = 0
