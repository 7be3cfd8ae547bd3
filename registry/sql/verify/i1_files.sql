SELECT 'file, file ' || f.file_id AS place,
       (f.state IN ('taken', 'held') AND (f.load_no IS NULL OR f.file_no IS NULL))::INT AS "file is taken or held by no load",
       (f.load_no IS NOT NULL AND l.load_no IS NULL)::INT AS "file belongs to a load that the table load lacks",
       (f.load_no IS NOT NULL AND f.state NOT IN ('taken', 'held', 'refused'))::INT AS "file has a load and is not done",
       (f.state IN ('taken', 'held') AND f.sha256 IS NULL)::INT AS "file was taken without its SHA-256",
       (f.state = 'repeat' AND f.sha256 NOT IN (SELECT o.sha256 FROM store.file AS o
                                                 WHERE o.state IN ('taken', 'received') AND o.sha256 IS NOT NULL))::INT
           AS "file repeats bytes that no file has"
  FROM store.file AS f
  LEFT JOIN store.load AS l USING (load_no)
 ORDER BY f.file_id
