SELECT replace(form_id::text, '-', '') AS form_id, person_id::text AS person_id,
       CASE WHEN number_holds THEN number END AS number, known_number, name, register, member
  FROM concerned_form
