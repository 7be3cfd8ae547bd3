-- Rows of a load by file that the archived bytes and the archived forms do not have alike. Sums of hashes do not
-- depend on the order of the rows, and need no join.
WITH content AS (
    SELECT file_no, 1 AS side, hash(row_no, {sent}) AS content FROM read_parquet('{read}')
    UNION ALL
    SELECT file_no, -1, hash(row_no, {kept}) FROM read_parquet('{standard}')
    UNION ALL
    SELECT file_no, 1, hash(row_no, "offset", reason, bytes) FROM read_parquet('{broken}')
    UNION ALL
    SELECT file_no, -1, hash(row_no, "offset", reason, bytes) FROM read_parquet('{unreadable}')
)
SELECT file_no, greatest(abs(sum(side)), 1)::BIGINT AS rows
  FROM content
 GROUP BY file_no
HAVING sum(side) <> 0 OR sum(side * content::HUGEINT) <> 0
