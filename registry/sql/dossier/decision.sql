-- Rows that are taken: those that no critical rule stopped, and whose dossier was not taken with the same content.
SELECT r.file_no, r.row_no, 'matched' AS outcome
  FROM form AS r
  JOIN standard_dossier AS s USING (file_no, row_no)
  LEFT JOIN known AS k ON k.dossier_id = s.dossier_id AND k.content = s.form_id
 WHERE k.dossier_id IS NULL
