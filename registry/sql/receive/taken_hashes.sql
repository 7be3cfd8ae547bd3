SELECT DISTINCT sha256
  FROM file
 WHERE sha256 = ANY(:hashes)
   AND (state = 'taken' OR (state = 'received' AND left_landing))
