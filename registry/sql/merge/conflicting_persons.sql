-- Persons of the load over whom trusted sources are in conflict and who are in no review, or the other way round.
SELECT p.person_id
  FROM person AS p
  JOIN (SELECT person_id FROM folded UNION ALL SELECT unnest(CAST(:fresh AS uuid[]))) AS l USING (person_id)
 WHERE p.conflicts <> 0 AND p.in_review <> {in_conflict}
