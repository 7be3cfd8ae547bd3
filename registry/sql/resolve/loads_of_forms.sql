-- Loads that brought forms, in their order; those of dossiers have no evidence.
SELECT l.load_id
  FROM load AS l
 WHERE NOT EXISTS (SELECT FROM file AS f WHERE f.load_no = l.load_no AND f.key LIKE 'landing/dossiers/%')
 ORDER BY l.load_no
