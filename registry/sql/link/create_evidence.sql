-- One row a form with what can be compared, and what its keys are made of. Unknown is null, and so is a number that
-- only stands for unknown. Places are those of today, so that a commune and the one that it became are the same; a text
-- that is no place of ours stands for itself. The home is where the person is registered, failing that lives.
-- A movement states what is new of a person; by what is new nobody is known.
CREATE TEMP TABLE evidence AS
WITH told AS (
    SELECT * REPLACE (
               CASE WHEN changes IS DISTINCT FROM 'cmnd_no' THEN cmnd_no END AS cmnd_no,
               CASE WHEN changes IS NULL THEN spouse_name END AS spouse_name,
               CASE WHEN changes IS NULL THEN phone END AS phone,
               CASE WHEN changes IS NULL THEN origin_place END AS origin_place,
               CASE WHEN changes IS NULL THEN origin_place_raw END AS origin_place_raw,
               CASE WHEN changes IS NULL THEN birth_registration_place END AS birth_registration_place,
               CASE WHEN changes IS NULL THEN birth_registration_place_raw END AS birth_registration_place_raw,
               CASE WHEN changes IS NULL THEN permanent_place END AS permanent_place,
               CASE WHEN changes IS NULL THEN permanent_place_raw END AS permanent_place_raw,
               CASE WHEN changes IS NULL THEN temporary_place END AS temporary_place,
               CASE WHEN changes IS NULL THEN temporary_place_raw END AS temporary_place_raw,
               CASE WHEN changes IS NULL THEN current_place END AS current_place,
               CASE WHEN changes IS NULL THEN current_place_raw END AS current_place_raw,
               CASE WHEN changes IS NULL THEN permanent_address END AS permanent_address,
               CASE WHEN changes IS NULL THEN current_address END AS current_address,
               CASE WHEN changes IS NULL THEN household_no END AS household_no)
      FROM {forms}
), stated AS (
    SELECT file_no, row_no, form_id,
           coalesce(known_full_name, full_name) AS name,
           full_name_key AS name_key,
           nullif(key_of_name(other_name), full_name_key) AS other_key,
           coalesce(known_birth_date, birth_date) AS birth,
           coalesce(known_sex, sex) AS sex,
           real_number(pid) AS pid,
           real_number(known_pid) AS known_pid,
           real_number(cmnd_no) AS card,
           father_name_key AS father,
           mother_name_key AS mother,
           key_of_name(spouse_name) AS spouse,
           coalesce(o.today, origin_place, upper(origin_place_raw)) AS origin,
           coalesce(b.today, birth_registration_place, upper(birth_registration_place_raw)) AS birth_registration,
           coalesce(p.today, permanent_place, upper(permanent_place_raw)) AS permanent,
           coalesce(t.today, temporary_place, upper(temporary_place_raw)) AS temporary,
           coalesce(c.today, current_place, upper(current_place_raw)) AS current,
           upper(replace(coalesce(permanent_address, current_address), ',', '')) AS address,
           household_no AS household,
           real_number(phone) AS phone
      FROM told
      LEFT JOIN place_today AS o ON o.code = origin_place AND o.valid_from = origin_place_from
      LEFT JOIN place_today AS b ON b.code = birth_registration_place AND b.valid_from = birth_registration_place_from
      LEFT JOIN place_today AS p ON p.code = permanent_place AND p.valid_from = permanent_place_from
      LEFT JOIN place_today AS t ON t.code = temporary_place AND t.valid_from = temporary_place_from
      LEFT JOIN place_today AS c ON c.code = current_place AND c.valid_from = current_place_from
), dated AS (
    SELECT *,
           try_cast(left(birth, 4) AS SMALLINT) AS year,
           -- The first of January stands for "some day of that year" too often to be a day.
           CASE WHEN length(birth) = 10 AND right(birth, 5) <> '01-01' THEN birth END AS day,
           coalesce(permanent, current) AS home,
           -- A commune has a code of five digits. Of another place its postcode, its name and the street find each other.
           CASE WHEN length(home) <> 5 THEN home END AS told_home
      FROM stated
), parted AS (
    SELECT d.*,
           n.share AS tf_name_key, n.odd, n.hash AS name_hash,
           n.first_share, n.first_hash, n.given_share, n.given_hash,
           f.share AS father_share, f.hash AS father_hash, m.share AS mother_share, m.hash AS mother_hash,
           hash_of_number(pid) AS pid_hash, hash_of_number(known_pid) AS known_pid_hash, hash_of_number(card) AS card_hash,
           hash_of_number(replace(day, '-', '')) AS day_hash, year::UBIGINT AS year_hash,
           hash_of_number(origin) AS origin_hash, hash_of_number(home) AS home_hash,
           hash_of_text(address) AS address_hash, hash_of_number(household) AS household_hash,
           hash_of_text(nullif(regexp_extract(told_home, '[0-9]{{4,}}'), '')) AS postcode_hash,
           hash_of_text(nullif(regexp_extract(told_home, '^[^0-9]+'), '')) AS suburb_hash,
           CASE WHEN told_home IS NOT NULL THEN hash_of_text(nullif(regexp_extract(address, '[^0-9 ]+ [^0-9 ]+'), '')) END
               AS street_hash,
           -- "Tổ 5" is an address in every commune, "24/2 tổ 6 đường Hùng Vương" in one.
           CASE WHEN length(address) >= 12 THEN 1e-5 WHEN length(address) >= 8 THEN 1e-3 ELSE 1e-1 END AS address_share
      FROM dated AS d
      LEFT JOIN name_fact AS n ON n.name_key = d.name_key
      LEFT JOIN name_fact AS f ON f.name_key = d.father
      LEFT JOIN name_fact AS m ON m.name_key = d.mother
)
SELECT file_no, row_no, form_id, name, name_key, odd, other_key, birth, year, day, sex, pid, known_pid, card, father, mother,
       spouse, origin, birth_registration, permanent, temporary, current, home, address, household, phone, tf_name_key,
       {keys}, {narrowed} AS narrowed
  FROM parted
