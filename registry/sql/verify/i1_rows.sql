SELECT 'received_row, file ' || coalesce(a.file_id, t.file_id) AS place,
       count(*) FILTER (WHERE t.file_id IS NULL) AS "rows of the archive are missing",
       count(*) FILTER (WHERE a.file_id IS NULL) AS "rows are not in the archive",
       count(*) FILTER (WHERE a.form_id IS DISTINCT FROM t.form_id AND a.file_id = t.file_id)
           AS "rows name another form than the archive",
       count(*) FILTER (WHERE a.form_no IS DISTINCT FROM t.form_no AND a.file_id = t.file_id)
           AS "rows have another form number than the archive",
       count(*) FILTER (WHERE a.rules IS DISTINCT FROM t.rules AND a.file_id = t.file_id)
           AS "rows have other findings than the archive",
       count(*) FILTER (WHERE a.file_id = t.file_id AND a.kind <>
                              CASE WHEN t.outcome IN ('duplicate', 'review', 'new', 'matched') THEN 'accepted'
                                   ELSE t.outcome END) AS "rows have an outcome that their findings do not allow"
  FROM archive.row AS a
  FULL JOIN store.received_row AS t ON t.file_id = a.file_id AND t.row_no = a.row_no
 GROUP BY coalesce(a.file_id, t.file_id)
HAVING count(*) FILTER (WHERE t.file_id IS NULL OR a.file_id IS NULL OR a.form_id IS DISTINCT FROM t.form_id
                           OR a.form_no IS DISTINCT FROM t.form_no OR a.rules IS DISTINCT FROM t.rules
                           OR a.kind <> CASE WHEN t.outcome IN ('duplicate', 'review', 'new', 'matched')
                                             THEN 'accepted' ELSE t.outcome END) > 0
 ORDER BY 1
