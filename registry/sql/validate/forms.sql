-- What the measures read of a load's standard forms; `pos` counts the rows of the file from 0.
CREATE TEMP VIEW forms AS
SELECT
    file_row_number AS pos, sender, form_id, form_no, stated_on, full_name_key, birth_date, sex, pid,
    birth_registration_place, birth_registration_place_from, permanent_place, household_no, head_name, relation_to_head,
    TRY_CAST(left(birth_date, 4) AS SMALLINT) AS birth_year
FROM standard
