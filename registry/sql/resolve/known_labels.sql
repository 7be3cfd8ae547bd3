-- Labelled forms that the store has: of persons whom the new forms are in truth, and of those that they were put to.
SELECT replace(form_id::text, '-', '') AS form_id, person_key
  FROM (SELECT l.form_id, l.person_key FROM labelled_form AS l JOIN wanted_key USING (person_key)
         UNION
        SELECT l.form_id, l.person_key FROM labelled_form AS l JOIN concerned_form USING (form_id)) AS known
