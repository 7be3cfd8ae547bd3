-- Each accepted row of a dossier has its dossier, and each dossier the row that it was taken from last.
WITH accepted AS (
    SELECT r.file_id, r.row_no, r.outcome, md5(f.sender || '/' || r.form_no) AS dossier_id
      FROM store.received_row AS r
      JOIN store.file AS f USING (file_id)
     WHERE f.kind = 'dossiers' AND r.outcome IN ('duplicate', 'review', 'new', 'matched')
), kept AS (
    SELECT replace(dossier_id::VARCHAR, '-', '') AS dossier_id, file_id, row_no FROM store.dossier
)
SELECT 'dossier' AS place,
       (SELECT count(*) FROM accepted ANTI JOIN kept USING (dossier_id)) AS "accepted rows have no dossier",
       (SELECT count(*) FROM accepted WHERE outcome NOT IN ('matched', 'duplicate'))
           AS "rows of dossiers have an outcome of forms",
       (SELECT count(*) FROM kept ANTI JOIN (FROM accepted WHERE outcome = 'matched')
                                      USING (dossier_id, file_id, row_no)) AS "dossiers are of no row that was taken"
