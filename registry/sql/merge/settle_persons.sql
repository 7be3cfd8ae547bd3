-- A person is in review while a pair of its forms with those of another person waits for people, while trusted sources
-- are in conflict over it, and while something that was corrected is not what stood there.
WITH open AS (
    SELECT person_id FROM open_pair(ARRAY(SELECT DISTINCT person_id FROM doubtful))
     UNION
    SELECT c.person_id FROM person_correction AS c JOIN doubtful USING (person_id) WHERE c.conflict_since IS NOT NULL
)
UPDATE person AS p
   SET in_review = o.person_id IS NOT NULL OR {in_conflict}
  FROM (SELECT DISTINCT person_id FROM doubtful) AS d LEFT JOIN open AS o USING (person_id)
 WHERE p.person_id = d.person_id AND p.in_review IS DISTINCT FROM (o.person_id IS NOT NULL OR {in_conflict})
