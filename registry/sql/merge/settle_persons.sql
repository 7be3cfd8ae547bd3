-- A person is in review while a pair of its forms with those of another person waits for people, and while trusted
-- sources are in conflict over it.
WITH open AS (
    SELECT DISTINCT person_id FROM open_pair(ARRAY(SELECT DISTINCT person_id FROM doubtful))
)
UPDATE person AS p
   SET in_review = o.person_id IS NOT NULL OR {in_conflict}
  FROM (SELECT DISTINCT person_id FROM doubtful) AS d LEFT JOIN open AS o USING (person_id)
 WHERE p.person_id = d.person_id AND p.in_review IS DISTINCT FROM (o.person_id IS NOT NULL OR {in_conflict})
