-- Cards that were asked for until a night.
SELECT c.sequence, b.business_date AS night, b.published_at IS NOT NULL AS published, c.person_id::text AS asked_as,
       CASE WHEN c.on_hold_since <= :night THEN c.on_hold_since END AS on_hold_since
  FROM card AS c
  LEFT JOIN card_batch AS b USING (sequence)
 WHERE c.person_id = ANY(CAST(:ids AS uuid[])) AND coalesce(b.business_date <= :night, true)
 ORDER BY c.sequence
