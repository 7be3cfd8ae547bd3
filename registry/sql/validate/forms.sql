-- The load's standard forms, each with its measures beside its own columns.
CREATE TEMP VIEW forms AS
WITH dated AS (
    SELECT
        *,
        TRY_CAST(left(birth_date, 4) AS SMALLINT) AS birth_year,
        coalesce(stated_on, night.business_date) AS day,
        -- A year alone may be any day of that year; a month alone any day of that month.
        CASE length(birth_date)
            WHEN 10 THEN TRY_CAST(birth_date AS DATE)
            WHEN 7 THEN TRY_CAST(birth_date || '-01' AS DATE)
            ELSE make_date(birth_year, 1, 1)
        END AS born_earliest,
        CASE length(birth_date)
            WHEN 10 THEN born_earliest
            WHEN 7 THEN last_day(born_earliest)
            ELSE make_date(birth_year, 12, 31)
        END AS born_latest,
        CASE WHEN length(pid) = 12 THEN TRY_CAST(pid AS BIGINT) END AS pid_number
    FROM standard, night
)
SELECT
    dated.* EXCLUDE (business_date, day, born_earliest, born_latest),
    date_sub('year', dated.born_earliest, dated.day)::SMALLINT AS age_at_most,
    date_sub('year', dated.born_latest, dated.day)::SMALLINT AS age_at_least,
    -- A personal number is PPP G YY NNNNNN: province or country of birth registration, century and sex, year of
    -- birth (Decree 137/2015/ND-CP art. 13; Circular 07/2016/TT-BCA, annexes).
    dated.pid_number // 1_000_000_000 AS pid_province,
    dated.pid_number // 1_000_000_000 IN (SELECT province FROM pid_provinces) AS pid_province_known,
    CASE dated.pid_number // 100_000_000 % 2 WHEN 0 THEN 'M' WHEN 1 THEN 'F' END AS pid_sex,
    1900 + dated.pid_number // 200_000_000 % 5 * 100 + dated.pid_number // 1_000_000 % 100 AS pid_birth_year,
    CASE WHEN dated.birth_registration_place_from < DATE '2025-07-01' THEN communes.province END
        AS birth_registration_province,
    coalesce(repeats.form_no_repeated, FALSE) AS form_no_repeated,
    coalesce(repeats.pid_shared, FALSE) AS pid_shared,
    coalesce(repeats.household_member_repeated, FALSE) AS household_member_repeated,
    households.* EXCLUDE (household_key)
FROM dated
LEFT JOIN communes ON communes.code = dated.birth_registration_place
LEFT JOIN repeats ON repeats.pos = dated.file_row_number
LEFT JOIN households ON households.household_key = CASE WHEN dated.household_no IS NOT NULL
    THEN hash(dated.sender, dated.household_no) END
