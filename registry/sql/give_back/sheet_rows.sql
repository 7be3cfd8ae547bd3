-- The rows of every workbook as XML, some hundreds in a piece; `rows` counts those of the whole workbook, whose
-- notes come with the first piece.
SELECT r.sender, r.part, (r.line - 2) // {rows_a_piece} AS piece,
       (sum(count(*)) OVER (PARTITION BY r.sender, r.part))::BIGINT AS rows,
       string_agg(concat('<row r="', r.line, '"', m.height, '>', {cells}, '</row>'), '' ORDER BY r.line) AS xml,
       any_value(n.comments) AS comments, any_value(n.shapes) AS shapes
  FROM sheet_row AS r
  JOIN failed AS f USING (file_id, row_no)
  JOIN meaning AS m ON m.rules = r.rules
  LEFT JOIN sheet_note AS n ON n.sender = r.sender AND n.part = r.part AND r.line < {rows_a_piece} + 2
 GROUP BY r.sender, r.part, piece
 ORDER BY r.sender, r.part, piece
