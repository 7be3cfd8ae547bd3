-- A dossier that was taken before and comes again, corrected, is what it is now; its events keep its past.
INSERT INTO dossier (dossier_id, station, number, person_id, attempt, captured_at, mode, applicant, reason, company,
                     place, place_from, photo, photo_sha256, fingerprints, fingerprints_sha256, iris, iris_sha256, representative_id, file_id, row_no, load_no)
SELECT dossier_id, station, number, person_id, attempt, captured_at, mode, applicant, reason, company, place, place_from,
       photo, photo_sha256, fingerprints, fingerprints_sha256, iris, iris_sha256,
       representative_id, file_id, row_no, load_no
  FROM taken_dossier
 ORDER BY dossier_id
ON CONFLICT (dossier_id) DO UPDATE
   SET person_id = excluded.person_id, attempt = excluded.attempt, captured_at = excluded.captured_at,
       mode = excluded.mode, applicant = excluded.applicant, reason = excluded.reason,
       company = excluded.company, place = excluded.place, place_from = excluded.place_from,
       photo = excluded.photo,
       photo_sha256 = excluded.photo_sha256, fingerprints = excluded.fingerprints,
       fingerprints_sha256 = excluded.fingerprints_sha256, iris = excluded.iris,
       iris_sha256 = excluded.iris_sha256, representative_id = excluded.representative_id,
       file_id = excluded.file_id, row_no = excluded.row_no, load_no = excluded.load_no
