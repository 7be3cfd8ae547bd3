-- Profiles of each sender's latest files of one kind, up to twenty; returned workbooks say nothing of how it works.
SELECT sender, profile
  FROM unnest(CAST(:senders AS text[])) AS s (sender)
 CROSS JOIN LATERAL (SELECT profile FROM file AS f
                      WHERE f.sender = s.sender AND split_part(f.key, '/', 2) = :kind AND f.state = 'taken'
                        AND CAST(f.profile ->> 'returned' AS bigint) = 0
                      ORDER BY file_id DESC LIMIT 20) AS latest
