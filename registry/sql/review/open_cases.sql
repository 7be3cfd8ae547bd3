SELECT case_id, fingerprint, person_a::text AS person_a, person_b::text AS person_b, weight, parts, pairs, is_unsure,
       open_since, forms, cards, numbers, contested
  FROM open_case
 ORDER BY case_id
