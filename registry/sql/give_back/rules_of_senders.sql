-- How many of a sender's rows of the night, in files of one kind, each rule touched, whatever became of them.
SELECT f.sender, rule, sum(g.rows)::bigint AS rows
  FROM (SELECT r.file_id, r.rules, count(*) AS rows
          FROM file AS mine
          JOIN received_row AS r USING (file_id)
         WHERE mine.business_date = :date AND mine.sender = ANY(:senders) AND r.rules IS NOT NULL
           AND split_part(mine.key, '/', 2) = :kind
         GROUP BY r.file_id, r.rules) AS g
  JOIN file AS f USING (file_id)
 CROSS JOIN LATERAL unnest(string_to_array(g.rules, ';')) AS rule
 GROUP BY f.sender, rule
 ORDER BY f.sender, rows DESC, rule
