-- Numbers of forms that one sender used in this load for forms of different content.
CREATE TEMP TABLE repeated_forms AS
SELECT sender, form_no
FROM forms
WHERE form_no IS NOT NULL
GROUP BY sender, form_no
HAVING min(form_id) <> max(form_id)
