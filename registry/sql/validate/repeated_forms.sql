-- Numbers of forms that one sender used in this load for forms of different content.
CREATE TEMP TABLE repeated_forms AS
SELECT form_key
FROM keys
WHERE form_key IS NOT NULL
GROUP BY form_key
HAVING min(content_key) <> max(content_key)
