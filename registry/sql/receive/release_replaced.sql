-- Another file has landed where one was received: the first one keeps its row, the archive has its bytes.
UPDATE file SET left_landing = true
 WHERE key = :key AND sha256 IS NOT NULL AND sha256 IS DISTINCT FROM :sha256 AND NOT left_landing
