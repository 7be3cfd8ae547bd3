-- Sequence numbers run from 1 without a gap.
SELECT 'card_batch' AS place, coalesce(max(sequence), 0) - count(*) AS "gaps in the sequence numbers"
  FROM store.card_batch
