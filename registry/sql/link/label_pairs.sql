-- Pairs of labelled forms of which one or both are new: of one person in truth, by our decisions, and by both. A form
-- that is not placed is of a person whom the load does not touch, and so of none of the new forms' persons.
WITH labelled AS (
    SELECT l.person_key, p.person_id, l.is_new FROM label AS l LEFT JOIN placed AS p USING (form_id)
), counted AS (
    SELECT grouping(person_key, person_id) AS kind, person_id IS NOT NULL AS is_placed,
           count(*) FILTER (is_new) AS fresh, count(*) FILTER (NOT is_new) AS known
      FROM labelled
     GROUP BY GROUPING SETS ((person_key), (person_id), (person_key, person_id))
), made AS (
    SELECT kind, is_placed, fresh * (fresh - 1) // 2 + fresh * known AS pairs FROM counted
)
SELECT (SELECT count(*) FROM label WHERE is_new),
       coalesce(sum(pairs) FILTER (kind = 1), 0)::BIGINT,
       coalesce(sum(pairs) FILTER (kind = 2 AND is_placed), 0)::BIGINT,
       coalesce(sum(pairs) FILTER (kind = 0 AND is_placed), 0)::BIGINT
  FROM made
