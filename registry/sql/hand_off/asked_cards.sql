-- In an order that depends on nothing but the dossiers. Each is looked up by its keys, as in `create_asked.sql`.
SELECT k.dossier_id, k.attempt, d.station, d.number, d.reason,
       d.photo, d.photo_sha256, d.fingerprints, d.fingerprints_sha256, d.iris, d.iris_sha256,
       p.pid, p.cmnd_no, p.full_name, p.birth_date, p.sex, coalesce(p.nationality, 'VN') AS nationality,
       p.origin_place, p.origin_place_from, p.birth_registration_place, p.birth_registration_place_from,
       p.permanent_place, p.permanent_place_from, p.permanent_address,
       p.temporary_place, p.temporary_place_from, p.temporary_address,
       p.father_name, p.mother_name
  FROM asked AS k
 CROSS JOIN LATERAL (SELECT * FROM dossier WHERE dossier_id = k.dossier_id LIMIT 1) AS d
 CROSS JOIN LATERAL (SELECT * FROM person WHERE person_id = k.person_id LIMIT 1) AS p
 ORDER BY k.dossier_id
