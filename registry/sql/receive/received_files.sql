SELECT file_id, sender, name, sha256, size, sidecar, reason
  FROM file
 WHERE state = 'received'
 ORDER BY sender, sha256, file_id
