SELECT batch_no, manifest_sha256 FROM card_batch WHERE centre = :centre AND sequence = :batch
