-- Which line of which workbook each failed row takes; the order is the ledger's.
CREATE TABLE sheet_row AS
SELECT sender, file_id, row_no, rules,
       (place - 1) // {rows_a_workbook} AS part,
       (place - 1) % {rows_a_workbook} + 2 AS line
  FROM (SELECT sender, file_id, row_no, rules,
               row_number() OVER (PARTITION BY sender ORDER BY file_id, row_no) AS place
          FROM failed)
