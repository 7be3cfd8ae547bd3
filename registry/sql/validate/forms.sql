-- The load's standard forms, each with its measures beside its own columns.
CREATE TEMP VIEW forms AS
WITH dated AS (
    SELECT
        *,
        TRY_CAST(left(birth_date, 4) AS SMALLINT) AS birth_year,
        coalesce(stated_on, night.business_date) AS day,
        -- A year alone may be any day of that year; a month alone any day of that month.
        CASE WHEN birth_date IS NOT NULL
            THEN TRY_CAST(birth_date || right('-01-01', 10 - length(birth_date)) AS DATE) END AS born_earliest,
        CASE length(birth_date)
            WHEN 4 THEN make_date(birth_year, 12, 31)
            WHEN 7 THEN last_day(born_earliest)
            ELSE born_earliest
        END AS born_latest,
        -- Number of a person: 3 digits province, 1 century and sex, 2 year of birth (Circular 07/2016/TT-BCA).
        CASE WHEN length(pid) = 12 THEN TRY_CAST(substr(pid, 4, 1) AS SMALLINT) END AS pid_century,
        CASE WHEN length(pid) = 12 THEN TRY_CAST(substr(pid, 5, 2) AS SMALLINT) END AS pid_year
    FROM standard, night
)
SELECT
    dated.* EXCLUDE (business_date, day, born_earliest, born_latest, pid_century, pid_year),
    date_sub('year', dated.born_earliest, dated.day)::SMALLINT AS age_at_most,
    date_sub('year', dated.born_latest, dated.day)::SMALLINT AS age_at_least,
    CASE WHEN dated.pid_century IS NOT NULL THEN if(dated.pid_century % 2 = 0, 'M', 'F') END AS pid_sex,
    (1900 + 100 * (dated.pid_century // 2) + dated.pid_year)::SMALLINT AS pid_birth_year,
    CASE WHEN dated.pid_century IS NOT NULL THEN left(dated.pid, 3) END AS pid_province,
    CASE WHEN dated.birth_registration_place_from < DATE '2025-07-01' THEN communes.province END
        AS birth_registration_province,
    repeated_forms.form_key IS NOT NULL AS form_no_repeated,
    shared_pids.pid_key IS NOT NULL AS pid_shared,
    repeated_members.member_key IS NOT NULL AS household_member_repeated,
    households.* EXCLUDE (household_key)
FROM dated
LEFT JOIN communes ON communes.code = dated.birth_registration_place
LEFT JOIN repeated_forms ON repeated_forms.form_key = hash(dated.sender, dated.form_no)
LEFT JOIN shared_pids ON shared_pids.pid_key = hash(dated.pid)
LEFT JOIN repeated_members
    ON repeated_members.member_key = hash(dated.sender, dated.household_no, dated.full_name_key, dated.birth_date)
LEFT JOIN households ON households.household_key = CASE WHEN dated.household_no IS NOT NULL
    THEN hash(dated.sender, dated.household_no) END
