-- Corrections of persons that are concerned.
SELECT replace(c.form_id::text, '-', '') AS form_id FROM person_correction AS c JOIN corrected USING (person_id)
