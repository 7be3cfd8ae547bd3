SELECT replace(form_id::text, '-', '') AS form_id FROM judgement JOIN incoming USING (form_id)
