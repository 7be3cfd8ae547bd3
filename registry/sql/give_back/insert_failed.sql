-- The open rows of a load: their cells as they were sent, and what was understood of those to mend.
INSERT INTO failed
SELECT l.sender, o.file_id, o.row_no, o.rules, {as_sent}, NULL, [{understood_vi}], [{understood_en}]
  FROM {rows} AS s
  JOIN open_row AS o USING (file_no, row_no)
  JOIN ledger AS l USING (file_id)
  JOIN marked ON marked.rules = o.rules
  {names}
