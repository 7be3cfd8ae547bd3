-- What offices have, or should soon: shipped = on the way + in stock + undeliverable + delivered.
SELECT office,
       count(*) FILTER (WHERE state = 'shipped') AS on_the_way,
       count(*) FILTER (WHERE state = 'arrived') AS in_stock,
       count(*) FILTER (WHERE state = 'undeliverable') AS undeliverable
  FROM card
 WHERE state IN ('shipped', 'arrived', 'undeliverable')
 GROUP BY office
 ORDER BY office
