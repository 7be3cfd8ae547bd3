-- The forms (by position) that clash with another form of the load; forms that clash with none are left out.
CREATE TEMP TABLE repeats AS
WITH numbers AS (
    -- numbers of forms that one sender used for forms of different content
    SELECT form_key FROM keys WHERE form_key IS NOT NULL
    GROUP BY form_key HAVING min(content_key) <> max(content_key)
),
pids AS (
    -- personal numbers beside both different names and different birth dates
    SELECT pid_key FROM keys WHERE pid_key IS NOT NULL
    GROUP BY pid_key HAVING min(name_key) <> max(name_key) AND min(birth_key) <> max(birth_key)
),
members AS (
    -- persons who stand twice in one household, under different forms
    SELECT member_key FROM keys WHERE member_key IS NOT NULL
    GROUP BY member_key HAVING min(content_key) <> max(content_key)
),
found AS (
    SELECT pos, TRUE AS form_no, FALSE AS pid, FALSE AS member FROM keys SEMI JOIN numbers USING (form_key)
    UNION ALL
    SELECT pos, FALSE, TRUE, FALSE FROM keys SEMI JOIN pids USING (pid_key)
    UNION ALL
    SELECT pos, FALSE, FALSE, TRUE FROM keys SEMI JOIN members USING (member_key)
)
SELECT
    pos,
    bool_or(form_no) AS form_no_repeated,
    bool_or(pid) AS pid_shared,
    bool_or(member) AS household_member_repeated
FROM found
GROUP BY pos
