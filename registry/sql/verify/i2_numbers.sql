-- The counter of a range is never behind the numbers that it gave, and each number and each person stands here once.
SELECT 'allocated_number, range ' || left(n.number, 6) AS place,
       count(*) - count(DISTINCT n.number) AS "numbers were given twice",
       count(*) FILTER (WHERE n.given > 1) AS "numbers are those of a person who was given two",
       count(*) FILTER (WHERE NOT regexp_full_match(n.number, '[0-9]{12}')) AS "numbers have not twelve digits",
       greatest(count(*) - coalesce(any_value(r.next), 0), 0) AS "numbers are more than number_range has counted",
       count(*) FILTER (WHERE m.person_id IS NULL) AS "numbers are those of nobody",
       count(*) FILTER (WHERE NOT coalesce(list_contains(m.members, n.member), false))
           AS "numbers stand beside a name and birth date of no form of their person"
  FROM (SELECT *, count(*) OVER (PARTITION BY own_id) AS given FROM archive.allocated) AS n
  LEFT JOIN store.number_range AS r ON r.prefix = left(n.number, 6)
  LEFT JOIN (SELECT person_id, list(DISTINCT member) AS members
               FROM archive.member SEMI JOIN archive.allocated USING (person_id) GROUP BY person_id) AS m USING (person_id)
 GROUP BY left(n.number, 6)
 ORDER BY left(n.number, 6)
