-- Batches of which some dossier waits for the centre, or that were handed off tonight.
SELECT b.centre, b.sequence, b.business_date, b.dossiers, b.hash_total, b.published_at IS NOT NULL AS published,
       b.received_at IS NOT NULL AS received,
       count(*) FILTER (WHERE c.state = 'handed_off') AS unanswered,
       count(*) FILTER (WHERE c.state IN ('accepted', 'qc_failed')) AS in_production,
       count(*) FILTER (WHERE c.state = 'produced') AS to_ship,
       greatest(max(:date - CAST(c.since AT TIME ZONE :zone AS date)), 0) AS oldest
  FROM card_batch AS b
  LEFT JOIN card AS c ON c.batch_no = b.batch_no AND c.state IN ('handed_off', 'accepted', 'qc_failed', 'produced')
 GROUP BY b.batch_no
HAVING count(c.dossier_id) > 0 OR b.business_date = :date
 ORDER BY b.centre, b.sequence
