-- The dossiers of a load that are to be judged, by what they are compared by among themselves. What was taken before
-- with the same content is not judged again.
CREATE TABLE asked AS
SELECT s.file_no, s.row_no, s.dossier_id, f.person_id, s.captured_at, k.state AS own_state,
       CASE WHEN s.form_no IS NOT NULL THEN hash(s.sender, s.form_no) END AS number, hash(s.form_id) AS content
  FROM {standard} AS s
  LEFT JOIN found AS f USING (file_no, row_no)
  LEFT JOIN known AS k ON k.dossier_id = s.dossier_id
 WHERE k.content IS DISTINCT FROM s.form_id
