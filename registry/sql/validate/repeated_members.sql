-- Persons who stand twice in one household, under different forms.
CREATE TEMP TABLE repeated_members AS
SELECT member_key
FROM keys
WHERE member_key IS NOT NULL AND household_key IS NOT NULL
GROUP BY member_key
HAVING min(content_key) <> max(content_key)
