-- A number begins with the province of birth registration, century and sex, and year that forms of its person state.
WITH agrees AS (
    SELECT number,
           coalesce(bool_or(digits = left(number, 3)), false) AS province,
           coalesce(bool_or((sex = 'F') = (number[4]::INT % 2 = 1)), false) AS sex,
           coalesce(bool_or(left(birth_date, 4)::INT = 1900 + number[4]::INT // 2 * 100 + number[5:6]::INT), false) AS year
      FROM said LEFT JOIN birth_province USING (place, place_from)
     GROUP BY number
)
SELECT left(number, 6), count(*) FROM agrees WHERE NOT (province AND sex AND year) GROUP BY 1 ORDER BY 1
