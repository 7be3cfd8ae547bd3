INSERT INTO truth_label (sender, form_no, person_key)
SELECT sender, form_no, person_key FROM told
ON CONFLICT (sender, form_no) DO UPDATE
   SET person_key = excluded.person_key
 WHERE truth_label.person_key <> excluded.person_key
