INSERT INTO answer (no, kind, batch, manifest_sha256, lines, count, hash_total, made_at, result, reason, due)
SELECT coalesce(max(no), 0) + 1, $kind, $batch, $manifest_sha256, $lines, $count, $hash_total, $made_at, $result,
    $reason, $due
FROM answer
