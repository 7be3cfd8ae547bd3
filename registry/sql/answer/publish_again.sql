-- It arrived damaged: the next hand-off puts the same bytes there again. Where the centre misses one before it, those too
-- that it has not acknowledged.
UPDATE card_batch AS b
   SET published_at = NULL
  FROM card_batch AS damaged
 WHERE damaged.batch_no = :batch_no
   AND b.centre = damaged.centre
   AND (b.sequence = damaged.sequence OR :reason = 'gap' AND b.sequence < damaged.sequence AND b.received_at IS NULL)
