SELECT place, place_from, coalesce(company, '') AS company, count(*) AS persons
  FROM waiting
 GROUP BY 1, 2, 3
