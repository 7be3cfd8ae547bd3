SELECT 'load, load ' || l.load_no AS place,
       (NOT EXISTS (SELECT 1 FROM store.file AS f WHERE f.load_no = l.load_no))::INT AS "load has no file",
       (NOT EXISTS (SELECT 1 FROM store.night_run AS n
                     WHERE n.started_at <= l.merged_at AND coalesce(n.ended_at, l.merged_at) >= l.merged_at
                       AND n.business_date = l.business_date))::INT AS "load was merged in no night of night_run"
  FROM store.load AS l
 ORDER BY l.load_no
