-- One row a form, by its position: what the rules read beside the form's own columns.
WITH dated AS (
    SELECT
        *,
        coalesce(stated_on, $business_date) AS day,
        -- A year alone may be any day of that year; a month alone any day of that month.
        TRY_CAST(birth_date || right('-01-01', 10 - length(birth_date)) AS DATE) AS born_earliest,
        CASE length(birth_date)
            WHEN 4 THEN make_date(birth_year, 12, 31)
            WHEN 7 THEN last_day(born_earliest)
            ELSE born_earliest
        END AS born_latest,
        -- Number of a person: 3 digits province, 1 century and sex, 2 year of birth (Circular 07/2016/TT-BCA).
        CASE WHEN length(pid) = 12 THEN TRY_CAST(substr(pid, 4, 1) AS SMALLINT) END AS pid_century,
        CASE WHEN length(pid) = 12 THEN TRY_CAST(substr(pid, 5, 2) AS SMALLINT) END AS pid_year
    FROM forms
)
SELECT
    dated.pos,
    strftime($business_date, '%Y-%m-%d') AS business_day,
    dated.birth_year,
    date_sub('year', dated.born_earliest, dated.day)::SMALLINT AS age_at_most,
    date_sub('year', dated.born_latest, dated.day)::SMALLINT AS age_at_least,
    CASE WHEN dated.pid_century IS NOT NULL THEN if(dated.pid_century % 2 = 0, 'M', 'F') END AS pid_sex,
    (1900 + 100 * (dated.pid_century // 2) + dated.pid_year)::SMALLINT AS pid_birth_year,
    CASE WHEN dated.pid_century IS NOT NULL THEN left(dated.pid, 3) END AS pid_province,
    CASE WHEN dated.birth_registration_place_from < DATE '2025-07-01' THEN '0' || communes.province END
        AS birth_registration_province,
    repeated_forms.form_no IS NOT NULL AS form_no_repeated,
    shared_pids.pid IS NOT NULL AS pid_shared,
    repeated_members.sender IS NOT NULL AS household_member_repeated,
    households.* EXCLUDE (sender, household_no)
FROM dated
LEFT JOIN communes ON communes.code = dated.birth_registration_place
LEFT JOIN repeated_forms ON repeated_forms.sender = dated.sender AND repeated_forms.form_no = dated.form_no
LEFT JOIN shared_pids ON shared_pids.pid = dated.pid
LEFT JOIN repeated_members
    ON repeated_members.sender = dated.sender AND repeated_members.household_no = dated.household_no
    AND repeated_members.full_name_key = dated.full_name_key AND repeated_members.birth_date = dated.birth_date
LEFT JOIN households ON households.sender = dated.sender AND households.household_no = dated.household_no
