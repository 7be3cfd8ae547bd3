-- The corrections among the forms. Commune codes are dated by the day declared, failing that by the day the file was sent.
CREATE OR REPLACE TEMP TABLE stated_correction AS
SELECT form_id, person_id, changes AS field_group, field, corrected_from, new_value, stated_on,
       coalesce(declared_on, sent_on) AS day
  FROM {forms}
 WHERE movement = 'correction' AND field IS NOT NULL
