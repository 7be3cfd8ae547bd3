SELECT 'card_batch ' || centre AS place, max(sequence) - count(*) AS "gaps in the sequence numbers"
  FROM store.card_batch
 GROUP BY centre
