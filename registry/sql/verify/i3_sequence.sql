SELECT 'card_batch' AS place, coalesce(max(sequence) - count(*), 0) + coalesce((min(sequence) <> 1)::INT, 0)
           AS "gaps in the sequence numbers"
  FROM store.card_batch
