SELECT person_a::text, person_b::text, replace(form_a::text, '-', ''), replace(form_b::text, '-', '')
  FROM case_pair
 ORDER BY form_a, form_b
