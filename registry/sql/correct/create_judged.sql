-- Whether what each correction corrects stood there, and no decision has settled it since.
CREATE OR REPLACE TABLE judged_correction AS
WITH before AS (
    {before}
), today AS (
    {today}
), looked AS (
    SELECT c.*, {stood} AS stood, {stood_from} AS stood_from, {decided} AS is_decided
      FROM stated_correction AS c
      LEFT JOIN before AS b ON b.person_id = c.form_id
      LEFT JOIN today AS t ON t.person_id = c.person_id
), compared AS (
    SELECT l.*,
           CASE WHEN field IN ({names}) THEN {one_name}
                WHEN field IN ({places}) THEN coalesce(p.today, stood)
                ELSE stood END AS stands,
           CASE WHEN field IN ({names}) THEN {one_name_corrected}
                WHEN field IN ({places}) THEN coalesce(m.today, corrected_from)
                ELSE corrected_from END AS corrects
      FROM looked AS l
      LEFT JOIN place_today AS p ON p.code = l.stood AND p.valid_from = l.stood_from
      LEFT JOIN place_meant AS m ON m.code = l.corrected_from AND m.day = l.day
)
SELECT form_id, person_id, field_group, stands IS DISTINCT FROM corrects AND NOT is_decided AS in_conflict
  FROM compared
