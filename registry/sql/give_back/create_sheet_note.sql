-- The notes of each workbook: their texts, with what was understood of the cell, and the shapes that show them.
CREATE TABLE sheet_note AS
WITH numbered AS (
    SELECT r.sender, r.part, r.line, r.file_id, r.row_no, m.place, m.letters, m.note,
           row_number() OVER (PARTITION BY r.sender, r.part ORDER BY r.line, m.place) AS number
      FROM sheet_row AS r
      JOIN mark AS m USING (rules)
)
SELECT n.sender, n.part,
       string_agg('<comment ref="' || letters || line || '" authorId="0"><text><r><t xml:space="preserve">' || n.note
                  || coalesce({read}, '') || '</t></r></text></comment>', '' ORDER BY number) AS comments,
       string_agg('<v:shape id="_x0000_s' || (1024 + number) || '" type="#_x0000_t202" style="position:absolute;'
                  || 'width:240pt;height:80pt;z-index:' || number || ';visibility:hidden" fillcolor="#ffffe1"'
                  || ' o:insetmode="auto"><v:fill color2="#ffffe1"/><v:path o:connecttype="none"/>'
                  || '<v:textbox><div style="text-align:left"></div></v:textbox><x:ClientData ObjectType="Note">'
                  || '<x:MoveWithCells/><x:SizeWithCells/><x:Anchor>' || (place + 1) || ',15,' || (line - 1) || ',2,'
                  || (place + 4) || ',15,' || (line + 5) || ',2</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>'
                  || (line - 1) || '</x:Row><x:Column>' || place || '</x:Column></x:ClientData></v:shape>',
                  '' ORDER BY number) AS shapes
  FROM numbered AS n
  JOIN failed AS f USING (file_id, row_no)
 WHERE number <= {most_notes}
 GROUP BY n.sender, n.part
