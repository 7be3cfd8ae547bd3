-- A person's id is that of its first form: a night in eight digits, then 24 digits of the form.
SELECT number, substr(replace(person_id::text, '-', ''), 9) AS founder FROM stated JOIN allocated_number USING (number)
