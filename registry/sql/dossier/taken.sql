-- The dossiers of a load that are taken, as the store keeps them.
SELECT s.dossier_id, s.sender AS station, s.form_no AS number, f.person_id, coalesce(k.attempt, 0) + 1 AS attempt,
       s.captured_at, s.mode, s.applicant, s.reason, s.company,
       CASE s.applicant WHEN 'temporary' THEN s.temporary_place ELSE s.permanent_place END AS place,
       CASE s.applicant WHEN 'temporary' THEN s.temporary_place_from ELSE s.permanent_place_from END AS place_from,
       s.photo, s.photo_sha256, s.fingerprints, s.fingerprints_sha256, s.iris, s.iris_sha256, s.representative_id,
       i.file_id, s.row_no, $load_no AS load_no
  FROM decision AS d
  JOIN standard_dossier AS s USING (file_no, row_no)
  JOIN files AS i USING (file_no)
  JOIN found AS f USING (file_no, row_no)
  LEFT JOIN known AS k ON k.dossier_id = s.dossier_id
 ORDER BY s.dossier_id
