-- What offices have, or should soon: shipped = on the way + in stock + undeliverable + delivered.
SELECT office,
       CAST(coalesce(sum(cards) FILTER (WHERE state = 'shipped'), 0) AS bigint) AS on_the_way,
       CAST(coalesce(sum(cards) FILTER (WHERE state = 'arrived'), 0) AS bigint) AS in_stock,
       CAST(coalesce(sum(cards) FILTER (WHERE state = 'undeliverable'), 0) AS bigint) AS undeliverable
  FROM open_card
 WHERE state IN ('shipped', 'arrived', 'undeliverable')
 GROUP BY office
 ORDER BY office
