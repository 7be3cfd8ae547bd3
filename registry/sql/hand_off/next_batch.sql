SELECT coalesce(max(sequence), 0) + 1 AS sequence,
       coalesce(max(up_to_load), 0) AS since_load,
       max(business_date) AS since_date,
       (SELECT coalesce(max(load_no), 0) FROM load) AS up_to_load
  FROM card_batch
