-- Numbers that the register gave to persons whose forms are sought.
SELECT n.number, p.person_id::text AS person_id, n.business_date
  FROM (SELECT DISTINCT person_id FROM sought_form) AS p
  JOIN (SELECT n.*, coalesce(a.person_id, n.person_id) AS today
          FROM allocated_number AS n LEFT JOIN person_alias AS a ON a.old_id = n.person_id) AS n ON n.today = p.person_id
