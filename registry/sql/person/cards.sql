SELECT c.sequence, b.business_date AS night, b.published_at IS NOT NULL AS published, c.person_id::text AS asked_as,
       c.on_hold_since
  FROM card AS c
  LEFT JOIN card_batch AS b USING (sequence)
 WHERE c.person_id = ANY(CAST(:ids AS uuid[]))
 ORDER BY c.sequence
