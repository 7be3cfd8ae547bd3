-- A person is in review while another person has one of its numbers, by a form or by allocation, and while trusted
-- sources are in conflict over it.
WITH given AS (
    SELECT unnest(CAST(:persons AS uuid[])) AS today
), ids AS (
    SELECT today, today AS then FROM given
    UNION ALL
    SELECT a.person_id, a.old_id FROM person_alias AS a JOIN given ON given.today = a.person_id
), rivals AS (
    SELECT DISTINCT ids.today
      FROM ids
      JOIN number_of_person AS mine ON mine.person_id = ids.then
      JOIN number_of_person AS other ON other.number_key = mine.number_key
      LEFT JOIN person_alias AS a ON a.old_id = other.person_id
     WHERE coalesce(a.person_id, other.person_id) <> ids.today
)
UPDATE person AS p
   SET in_review = r.today IS NOT NULL OR {in_conflict}
  FROM given AS g LEFT JOIN rivals AS r USING (today)
 WHERE p.person_id = g.today AND p.in_review IS DISTINCT FROM (r.today IS NOT NULL OR {in_conflict})
