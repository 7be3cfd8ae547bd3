-- One JSON object a line, in an order that depends on nothing but the persons.
SELECT row_to_json(line)::text
  FROM (SELECT p.person_id, p.pid, p.full_name, p.birth_date, p.sex, coalesce(p.nationality, 'VN') AS nationality,
               p.cmnd_no, p.birth_registration_place, p.birth_registration_place_from,
               p.origin_place, p.origin_place_from,
               p.permanent_place, p.permanent_place_from, p.permanent_address,
               p.current_place, p.current_place_from, p.current_address
          FROM card AS c JOIN person AS p USING (person_id)
         WHERE c.sequence = {sequence}
         ORDER BY p.person_id) AS line
