-- What should have been said by now, by the term within which it is due.
WITH owed AS (
    SELECT term, late, since FROM open_card WHERE on_hold IS NULL AND late > 0
    UNION ALL
    SELECT 'receipt', 1, published_at FROM card_batch WHERE published_at < :receipt AND received_at IS NULL
)
SELECT term, CAST(sum(late) AS bigint) AS overdue, :date - CAST(min(since) AT TIME ZONE :zone AS date) AS oldest
  FROM owed
 GROUP BY term
 ORDER BY term
