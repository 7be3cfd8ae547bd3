-- Whoever comes second waits here until the first has committed or is gone.
SELECT key_check, up_to_load AS since_load, (SELECT coalesce(max(load_no), 0) FROM load) AS up_to_load
  FROM allocation
   FOR UPDATE
