-- What forms are compared by, as 64-bit hashes: groups of numbers are found several times faster than of text.
-- NULL has a hash too: an empty cell must stay empty, it contradicts nothing.
-- Only warnings rest on them, and two different texts of one hash are not to be expected in a load.
CREATE TEMP TABLE keys AS
SELECT
    file_row_number AS pos,
    CASE WHEN form_no IS NOT NULL THEN hash(sender, form_no) END AS form_key,
    hash(form_id) AS content_key,
    CASE WHEN length(pid) = 12 THEN hash(pid) END AS pid_key,
    CASE WHEN full_name_key IS NOT NULL THEN hash(full_name_key) END AS name_key,
    CASE WHEN birth_date IS NOT NULL THEN hash(birth_date) END AS birth_key,
    CASE WHEN household_no IS NOT NULL THEN hash(sender, household_no) END AS household_key,
    CASE WHEN household_no IS NOT NULL AND full_name_key IS NOT NULL AND birth_date IS NOT NULL
        THEN hash(sender, household_no, full_name_key, birth_date) END AS member_key,
    CASE WHEN head_name IS NOT NULL THEN hash(head_name) END AS head_name_key,
    CASE WHEN permanent_place IS NOT NULL THEN hash(permanent_place) END AS place_key,
    sex,
    relation_to_head,
    TRY_CAST(left(birth_date, 4) AS SMALLINT) AS birth_year
FROM standard
