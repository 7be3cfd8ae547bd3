SELECT a.old_id::text AS old_id, a.load_no, l.business_date AS night
  FROM person_alias AS a
  LEFT JOIN load AS l USING (load_no)
 WHERE a.person_id = CAST(:id AS uuid)
 ORDER BY a.load_no, a.old_id
