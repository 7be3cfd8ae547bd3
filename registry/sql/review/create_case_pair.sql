-- Pairs that wait for people between the persons who are sought and any others.
CREATE TEMP TABLE case_pair ON COMMIT DROP AS
SELECT DISTINCT least(person_id, other_id) AS person_a, greatest(person_id, other_id) AS person_b, form_a, form_b, weight,
       parts, load_no, is_unsure
  FROM open_pair(ARRAY(SELECT person_id FROM sought))
