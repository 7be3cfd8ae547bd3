-- One JSON object a line, in an order that depends on nothing but the persons.
SELECT json_build_object(
           'person_id', p.person_id, 'pid', p.pid, 'full_name', p.full_name, 'birth_date', p.birth_date,
           'sex', p.sex, 'nationality', coalesce(p.nationality, 'VN'), 'cmnd_no', p.cmnd_no,
           'birth_registration_place', p.birth_registration_place,
           'birth_registration_place_from', p.birth_registration_place_from,
           'origin_place', p.origin_place, 'origin_place_from', p.origin_place_from,
           'permanent_place', p.permanent_place, 'permanent_place_from', p.permanent_place_from,
           'permanent_address', p.permanent_address,
           'current_place', p.current_place, 'current_place_from', p.current_place_from,
           'current_address', p.current_address)::text
  FROM card AS c JOIN person AS p USING (person_id)
 WHERE c.sequence = {sequence}
 ORDER BY p.person_id
