-- The n-th candidate of a range gets the n-th number that was drawn in it.
WITH numbered AS (
    SELECT prefix, number, row_number() OVER (PARTITION BY prefix ORDER BY position) AS place FROM drawn
), given AS (
    INSERT INTO allocated_number (number, person_id, business_date, after_load, member)
    SELECT n.number, c.person_id, %(date)s, %(up_to_load)s, c.member
      FROM candidate AS c
      JOIN numbered AS n USING (prefix, place)
    RETURNING number, person_id
)
UPDATE person AS p
   SET pid = g.number, pid_stamp = %(stamp_base)s + CAST(g.number AS bigint)
  FROM given AS g
 WHERE p.person_id = g.person_id AND p.pid IS NULL
