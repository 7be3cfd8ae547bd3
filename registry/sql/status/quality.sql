-- All labelled forms as they stand today: pairs of one person in truth, by the store, and by both.
WITH labelled AS (
    SELECT l.person_key, m.person_id FROM labelled_form AS l JOIN membership AS m USING (form_id)
), counted AS (
    SELECT grouping(person_key, person_id) AS kind, count(*) AS forms
      FROM labelled
     GROUP BY GROUPING SETS ((person_key), (person_id), (person_key, person_id))
)
SELECT coalesce(sum(forms) FILTER (WHERE kind = 0), 0)::bigint AS forms,
       coalesce(sum(forms * (forms - 1) / 2) FILTER (WHERE kind = 1), 0)::bigint AS "true",
       coalesce(sum(forms * (forms - 1) / 2) FILTER (WHERE kind = 2), 0)::bigint AS said,
       coalesce(sum(forms * (forms - 1) / 2) FILTER (WHERE kind = 0), 0)::bigint AS "right"
  FROM counted
