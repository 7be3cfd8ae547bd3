-- Those of these dossiers that were taken before: what has become of the card, and the content that was taken last.
SELECT d.dossier_id, coalesce(c.attempt, d.attempt) AS attempt, c.state, r.form_id AS content
  FROM (SELECT DISTINCT dossier_id FROM sought) AS s
  JOIN dossier AS d USING (dossier_id)
  LEFT JOIN card AS c USING (dossier_id)
  LEFT JOIN received_row AS r ON r.file_id = d.file_id AND r.row_no = d.row_no
