SELECT batch_no, centre, sequence, sealed_sha256, manifest, signature
  FROM card_batch
 WHERE published_at IS NULL
 ORDER BY batch_no
   FOR UPDATE
