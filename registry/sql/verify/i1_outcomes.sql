-- A row that is new, matched or in review is the one that its form was judged by; a duplicate's form was judged before.
SELECT 'received_row, file ' || coalesce(r.file_id, j.file_id) AS place,
       count(*) FILTER (WHERE r.outcome <> 'duplicate' AND j.form_id IS NULL)
           AS "rows are new, matched or in review without a judgement",
       count(*) FILTER (WHERE r.file_id IS NULL) AS "judgements are of rows that are not new, matched or in review",
       count(*) FILTER (WHERE r.outcome <> 'duplicate' AND r.outcome <>
                              CASE j.rule WHEN 'first' THEN 'new' WHEN 'undecided' THEN 'review' ELSE 'matched' END)
           AS "rows have another outcome than their judgement's rule",
       count(*) FILTER (WHERE r.outcome = 'duplicate' AND j.form_id IS NOT NULL)
           AS "duplicates are what their form was judged by",
       count(*) FILTER (WHERE r.outcome = 'duplicate' AND known.form_id IS NULL)
           AS "duplicates are of a form that was never accepted"
  FROM (FROM store.received_row WHERE outcome IN ('duplicate', 'review', 'new', 'matched')
          AND file_id NOT IN (SELECT file_id FROM store.file WHERE kind = 'dossiers')) AS r
  FULL JOIN (FROM store.judgement WHERE judged_no = 0) AS j ON j.file_id = r.file_id AND j.row_no = r.row_no
  LEFT JOIN (SELECT DISTINCT form_id FROM store.judgement) AS known ON known.form_id = r.form_id
 GROUP BY coalesce(r.file_id, j.file_id)
 ORDER BY coalesce(r.file_id, j.file_id)
