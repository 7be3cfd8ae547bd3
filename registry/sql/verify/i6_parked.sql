SELECT 'parked' AS place,
       count(*) FILTER (WHERE p.event_no IS NULL) AS "events fit no card's life and are not on the list",
       count(*) FILTER (WHERE r.event_no IS NULL AND NOT p.is_done) AS "events are on the list and fit"
  FROM refused_event AS r
  FULL JOIN (FROM store.parked WHERE event_no IS NOT NULL) AS p USING (event_no)
