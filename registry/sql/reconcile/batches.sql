-- Batches of which some dossier waits for the centre, or that were handed off tonight.
SELECT b.centre, b.sequence, b.business_date, b.dossiers, b.hash_total, b.published_at IS NOT NULL AS published,
       b.received_at IS NOT NULL AS received,
       CAST(coalesce(sum(c.cards) FILTER (WHERE c.term = 'answer'), 0) AS bigint) AS unanswered,
       CAST(coalesce(sum(c.cards) FILTER (WHERE c.term = 'production'), 0) AS bigint) AS in_production,
       CAST(coalesce(sum(c.cards) FILTER (WHERE c.term = 'shipment'), 0) AS bigint) AS to_ship,
       greatest(:date - CAST(min(c.since) AT TIME ZONE :zone AS date), 0) AS oldest
  FROM card_batch AS b
  LEFT JOIN open_card AS c ON c.batch_no = b.batch_no AND c.term <> 'delivery'
 GROUP BY b.batch_no
HAVING count(c.batch_no) > 0 OR b.business_date = :date
 ORDER BY b.centre, b.sequence
