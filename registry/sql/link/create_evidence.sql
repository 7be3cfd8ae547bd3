-- One row a form with what can be compared. Unknown is null, and so is a number that only stands for unknown.
-- Places are those of today, so that a commune and the one that it became are the same; a text that is no place of
-- ours stands for itself.
CREATE TEMP TABLE evidence AS
WITH understood AS (
    SELECT file_no, row_no, form_id,
           coalesce(known_full_name, full_name) AS name,
           full_name_key AS name_key,
           nullif(name_key_of(other_name), full_name_key) AS other_key,
           coalesce(known_birth_date, birth_date) AS birth,
           coalesce(known_sex, sex) AS sex,
           real_number(pid) AS pid,
           real_number(known_pid) AS known_pid,
           real_number(cmnd_no) AS card,
           father_name_key AS father,
           mother_name_key AS mother,
           name_key_of(spouse_name) AS spouse,
           coalesce(o.today, origin_place, upper(origin_place_raw)) AS origin,
           coalesce(b.today, birth_registration_place, upper(birth_registration_place_raw)) AS birth_registration,
           coalesce(p.today, permanent_place, upper(permanent_place_raw)) AS permanent,
           coalesce(t.today, temporary_place, upper(temporary_place_raw)) AS temporary,
           coalesce(c.today, current_place, upper(current_place_raw)) AS current,
           upper(permanent_address) AS address,
           CASE WHEN movement IS NULL THEN household_no END AS household,
           real_number(phone) AS phone
      FROM {forms}
      LEFT JOIN place_today AS o ON o.code = origin_place AND o.valid_from = origin_place_from
      LEFT JOIN place_today AS b ON b.code = birth_registration_place AND b.valid_from = birth_registration_place_from
      LEFT JOIN place_today AS p ON p.code = permanent_place AND p.valid_from = permanent_place_from
      LEFT JOIN place_today AS t ON t.code = temporary_place AND t.valid_from = temporary_place_from
      LEFT JOIN place_today AS c ON c.code = current_place AND c.valid_from = current_place_from
)
SELECT u.*,
       try_cast(left(birth, 4) AS SMALLINT) AS year,
       -- The first of January stands for "some day of that year" too often to be a day.
       CASE WHEN length(birth) = 10 AND right(birth, 5) <> '01-01' THEN birth END AS day,
       n.share AS tf_name_key, n.first_share, n.given_share, f.share AS father_share, m.share AS mother_share
  FROM understood AS u
  LEFT JOIN name_share AS n ON n.name_key = u.name_key
  LEFT JOIN name_share AS f ON f.name_key = u.father
  LEFT JOIN name_share AS m ON m.name_key = u.mother
