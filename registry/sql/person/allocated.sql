-- Numbers that the register gave to a person under any of its ids, as of a moment.
SELECT 'pid' AS column, number, business_date AS given_on
  FROM allocated_number
 WHERE person_id = ANY(CAST(:ids AS uuid[])) AND (business_date <= :night OR after_load < :load_no)
 ORDER BY business_date, number
