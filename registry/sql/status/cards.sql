SELECT state, count(*) AS cards FROM card GROUP BY state ORDER BY state
