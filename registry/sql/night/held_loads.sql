-- Those of the loads that the publish gate held, and by which rules.
SELECT load_id, linkage->'held_by' AS rules
  FROM load
 WHERE load_id = ANY(:load_ids) AND linkage->'held_by' <> '[]'
 ORDER BY load_no
