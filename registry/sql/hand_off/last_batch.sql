SELECT sequence, manifest_sha256 FROM card_batch WHERE centre = :centre ORDER BY sequence DESC LIMIT 1
