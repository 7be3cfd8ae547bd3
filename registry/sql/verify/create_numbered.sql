CREATE TEMP TABLE numbered AS
SELECT row_number() OVER (ORDER BY form_id) - 1 AS spot, form_id, person_id,
       CASE WHEN number_holds THEN number END AS number, known_number, name, register, member
  FROM stored_member
