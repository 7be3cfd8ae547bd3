-- Labelled forms that the store has: of persons whom the new forms are in truth, and of those that they were put to.
SELECT replace(form_id::text, '-', '') AS form_id, person_key
  FROM labelled_form
 WHERE person_key IN (SELECT person_key FROM wanted_key) OR form_id IN (SELECT form_id FROM concerned_form)
