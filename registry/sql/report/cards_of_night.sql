SELECT centre, sequence, dossiers AS cards, published_at IS NOT NULL AS published
  FROM card_batch
 WHERE business_date = :date
 ORDER BY centre, sequence
