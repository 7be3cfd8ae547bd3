-- What should have been said by now, by the term within which it is due.
WITH owed AS (
    SELECT CASE state WHEN 'handed_off' THEN 'answer' WHEN 'accepted' THEN 'production' WHEN 'qc_failed' THEN 'production'
                      WHEN 'produced' THEN 'shipment' ELSE 'delivery' END AS term,
           since
      FROM card
     WHERE on_hold IS NULL
       AND (state IN ('handed_off', 'accepted', 'qc_failed', 'produced') OR state IN ('shipped', 'arrived', 'undeliverable'))
    UNION ALL
    SELECT 'receipt', published_at FROM card_batch WHERE published_at IS NOT NULL AND received_at IS NULL
)
SELECT t.term, count(*) AS overdue, max(:date - CAST(o.since AT TIME ZONE :zone AS date)) AS oldest
  FROM owed AS o
  JOIN unnest(CAST(:terms AS text[]), CAST(:days AS integer[])) AS t (term, days) USING (term)
 WHERE CAST(o.since AT TIME ZONE :zone AS date) + t.days < :date
 GROUP BY t.term
 ORDER BY t.term
