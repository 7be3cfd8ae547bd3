-- Batches that were handed off or answered tonight: counts and hash totals on both sides. What was asked for is what was
-- answered and what is outstanding.
WITH tonight AS (
    SELECT batch_no FROM card_batch WHERE business_date = :date
    UNION
    SELECT batch_no FROM message WHERE business_date = :date AND state = 'taken' AND kind IN ('content', 'syntax')
), asked AS (
    SELECT h.batch_no, h.dossier_id,
           CAST(CAST('x' || left(replace(CAST(h.dossier_id AS text), '-', ''), 16) AS bit(64)) AS bigint)
               + CASE WHEN CAST(h.dossier_id AS text) >= '8' THEN 18446744073709551616 ELSE 0 END AS share,
           EXISTS (SELECT FROM card_event AS a
                    WHERE a.dossier_id = h.dossier_id AND a.attempt = h.attempt AND a.event IN ('accepted', 'rejected')
                      AND a.message_no IS NOT NULL) AS answered
      FROM card_event AS h
      JOIN tonight USING (batch_no)
     WHERE h.event = 'handed_off'
)
SELECT b.centre, b.sequence, b.dossiers, b.hash_total,
       count(a.dossier_id) FILTER (WHERE a.answered) AS answered,
       CAST(coalesce(sum(a.share) FILTER (WHERE a.answered), 0) % 18446744073709551616 AS text) AS answered_total,
       count(a.dossier_id) FILTER (WHERE NOT a.answered) AS outstanding,
       CAST(coalesce(sum(a.share) FILTER (WHERE NOT a.answered), 0) % 18446744073709551616 AS text) AS outstanding_total,
       count(a.dossier_id) = b.dossiers
           AND CAST(coalesce(sum(a.share), 0) % 18446744073709551616 AS text) = b.hash_total AS closes
  FROM card_batch AS b
  JOIN tonight USING (batch_no)
  LEFT JOIN asked AS a USING (batch_no)
 GROUP BY b.batch_no
 ORDER BY b.centre, b.sequence
