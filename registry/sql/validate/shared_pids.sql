-- Personal numbers that in this load stand beside both different names and different birth dates.
CREATE TEMP TABLE shared_pids AS
SELECT pid
FROM forms
WHERE pid IS NOT NULL
GROUP BY pid
HAVING min(full_name_key) <> max(full_name_key) AND min(birth_date) <> max(birth_date)
