-- The accepted forms of all loads. The same form may be sent again: its first row stands for it.
SELECT *
  FROM archive.row
 WHERE is_first AND NOT of_dossier
QUALIFY row_number() OVER (PARTITION BY form_id ORDER BY load_no) = 1
