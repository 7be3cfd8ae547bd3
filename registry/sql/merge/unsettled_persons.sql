-- Persons that stay, where they or those that they absorb were in review.
SELECT DISTINCT t.person_id
  FROM tied AS t
  JOIN person AS p ON p.person_id IN (t.old_id, t.person_id)
 WHERE p.in_review
