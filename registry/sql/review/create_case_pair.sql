-- Pairs that wait for people between the persons who are sought and any others.
CREATE TEMP TABLE case_pair ON COMMIT DROP AS
SELECT DISTINCT least(o.person_id, o.other_person_id) AS person_a, greatest(o.person_id, o.other_person_id) AS person_b,
       least(o.form_id, o.other_form_id) AS form_a, greatest(o.form_id, o.other_form_id) AS form_b, o.weight, o.parts,
       o.load_no, o.is_unsure
  FROM sought AS s
  JOIN judgement AS j USING (person_id)
  JOIN open_pair AS o ON o.form_id = j.form_id AND o.person_id = s.person_id
