-- Numbers that a centre has passed over: the answers were lost, or lie in the inbox unsigned.
SELECT source AS centre, max(sequence) - count(*) AS missing
  FROM message
 WHERE state = 'taken' AND sequence IS NOT NULL
 GROUP BY source
HAVING max(sequence) > count(*)
 ORDER BY source
