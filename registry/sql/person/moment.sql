-- The last of what belongs to a night or one before it.
SELECT max(at) AS at, coalesce(max(load_no), 0) AS load_no
  FROM (SELECT merged_at AS at, load_no FROM load WHERE business_date <= :night
        UNION ALL
        SELECT said_at, NULL FROM verdict WHERE business_date <= :night) AS happened
