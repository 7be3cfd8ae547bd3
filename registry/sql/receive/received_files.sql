SELECT file_id, key, sender, name, sha256, size, sidecar, reason
  FROM file
 WHERE state = 'received'
 ORDER BY sender, sha256, file_id
