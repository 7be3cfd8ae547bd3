-- Those of the senders of whom a file was taken in an earlier night.
SELECT DISTINCT sender
  FROM file
 WHERE sender = ANY(:senders) AND state = 'taken' AND split_part(key, '/', 2) = :kind AND business_date < :date
