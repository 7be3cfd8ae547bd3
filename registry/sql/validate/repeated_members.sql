-- Persons who stand twice in one household, under different forms.
CREATE TEMP TABLE repeated_members AS
SELECT sender, household_no, full_name_key, birth_date
FROM forms
WHERE household_no IS NOT NULL AND full_name_key IS NOT NULL AND birth_date IS NOT NULL
GROUP BY sender, household_no, full_name_key, birth_date
HAVING min(form_id) <> max(form_id)
