-- The communes that the open rows of a load speak of.
SELECT DISTINCT UNNEST([{pairs}], recursive := true)
  FROM read_parquet(?) AS s
  JOIN open_row AS o USING (file_no, row_no)
