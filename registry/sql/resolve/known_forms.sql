SELECT replace(form_id::text, '-', '') AS form_id FROM incoming JOIN judgement USING (form_id) WHERE judged_no = 0
