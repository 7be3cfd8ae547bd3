-- Personal numbers that in this load stand beside both different names and different birth dates.
CREATE TEMP TABLE shared_pids AS
SELECT pid_key
FROM keys
WHERE has_pid
GROUP BY pid_key
HAVING min(name_key) <> max(name_key) AND min(birth_key) <> max(birth_key)
