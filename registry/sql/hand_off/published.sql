SELECT batch_no, centre, sequence, sealed_sha256, manifest, signature
  FROM card_batch
 WHERE centre = :centre AND sequence = :sequence AND published_at IS NOT NULL
