-- Whom dossiers are about, by the first that a row states of: personal number, form, old card number with birth date.
SELECT s.file_no, s.row_no, s.way, {columns}
  FROM (SELECT s.file_no, s.row_no, 'pid' AS way, p.person_id
          FROM sought AS s
          JOIN person AS p ON p.pid = s.pid
         UNION
        SELECT s.file_no, s.row_no, 'form', m.person_id
          FROM sought AS s
          JOIN file AS f ON f.sender = s.form_sender AND f.key LIKE 'landing/registers/%%' AND f.state = 'taken'
          JOIN received_row AS r ON r.file_id = f.file_id AND r.form_no = s.form_no
          JOIN membership AS m ON m.form_id = r.form_id
         WHERE s.pid IS NULL
         UNION
        SELECT s.file_no, s.row_no, 'card', p.person_id
          FROM sought AS s
          JOIN person AS p ON p.cmnd_no = s.cmnd_no AND p.birth_date = s.birth_date
         WHERE s.pid IS NULL AND (s.form_sender IS NULL OR s.form_no IS NULL)) AS s
  JOIN person AS p USING (person_id)
