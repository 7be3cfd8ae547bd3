-- Numbers that the register gave to a person, under any of its ids.
SELECT 'pid' AS column, number, business_date AS given_on
  FROM allocated_number
 WHERE person_id = ANY(CAST(:ids AS uuid[]))
 ORDER BY business_date, number
