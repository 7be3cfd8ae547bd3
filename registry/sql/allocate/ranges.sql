-- How many numbers each range must give, and where its counter stands; held until the end of the transaction.
SELECT w.prefix, w.wanted, coalesce(r.next, 0) AS next
  FROM (SELECT prefix, count(*) AS wanted FROM candidate GROUP BY prefix) AS w
  LEFT JOIN number_range AS r USING (prefix)
 ORDER BY w.prefix
