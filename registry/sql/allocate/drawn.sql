SELECT prefix, count(*) AS drawn FROM drawn GROUP BY prefix
