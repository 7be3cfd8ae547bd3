-- Whom a mobile team visits, commune by commune, company by company, lodging by lodging.
SELECT w.place AS commune_code, u.full_name AS commune, w.company,
       coalesce(p.temporary_address, p.current_address, p.permanent_address) AS address,
       p.full_name, p.birth_date, p.sex, p.pid, p.phone, p.household_no, p.head_name
  FROM waiting AS w
  JOIN sought AS s ON s.place = w.place AND s.place_from = w.place_from
  JOIN person AS p USING (person_id)
  LEFT JOIN place AS u ON u.code = w.place AND u.valid_from = w.place_from
 ORDER BY w.place, w.company, 4, p.household_no, p.full_name, p.person_id
