-- A person is in review while another person's form states one of its numbers.
WITH ids AS (
    SELECT person_id AS today, person_id AS then FROM disputed
    UNION ALL
    SELECT a.person_id, a.old_id FROM person_alias AS a JOIN disputed AS d USING (person_id)
), rivals AS (
    SELECT DISTINCT ids.today
      FROM ids
      JOIN judgement AS mine ON mine.person_id = ids.then
      JOIN judgement AS other ON other.number_key = mine.number_key
      LEFT JOIN person_alias AS a ON a.old_id = other.person_id
     WHERE coalesce(a.person_id, other.person_id) <> ids.today
)
UPDATE person AS p
   SET in_review = r.today IS NOT NULL
  FROM disputed AS d LEFT JOIN rivals AS r ON r.today = d.person_id
 WHERE p.person_id = d.person_id AND p.in_review IS DISTINCT FROM (r.today IS NOT NULL)
