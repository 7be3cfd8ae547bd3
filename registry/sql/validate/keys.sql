-- What forms are compared by, as 64-bit hashes: groups of numbers are found several times faster than of text.
-- Only warnings rest on them, and two different texts of one hash are not to be expected in a load.
CREATE TEMP TABLE keys AS
SELECT
    file_row_number AS pos,
    CASE WHEN form_no IS NOT NULL THEN hash(sender, form_no) END AS form_key,
    hash(form_id) AS content_key,
    CASE WHEN pid IS NOT NULL THEN hash(pid) END AS pid_key,
    hash(full_name_key) AS name_key,
    hash(birth_date) AS birth_key,
    CASE WHEN household_no IS NOT NULL THEN hash(sender, household_no) END AS household_key,
    CASE WHEN household_no IS NOT NULL AND full_name_key IS NOT NULL AND birth_date IS NOT NULL
        THEN hash(sender, household_no, full_name_key, birth_date) END AS member_key,
    hash(head_name) AS head_name_key,
    hash(permanent_place) AS place_key,
    sex,
    relation_to_head,
    TRY_CAST(left(birth_date, 4) AS SMALLINT) AS birth_year
FROM standard
