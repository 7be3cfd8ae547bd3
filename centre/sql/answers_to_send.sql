SELECT no, kind, batch, manifest_sha256, lines, count, hash_total, made_at, result, reason, sequence
FROM answer WHERE sequence IS NOT NULL AND NOT sent ORDER BY sequence
