-- Open cases by the age of their oldest pair; of these, those that one reviewer has spoken of, and those of which two
-- say different things.
WITH last AS (
    SELECT DISTINCT ON (o.case_id, lower(o.reviewer)) o.case_id, o.verdict
      FROM opinion AS o
      JOIN open_case AS c USING (case_id, fingerprint)
     ORDER BY o.case_id, lower(o.reviewer), o.opinion_no DESC
), spoken AS (
    SELECT case_id, count(DISTINCT verdict) AS verdicts FROM last WHERE verdict <> 'unsure' GROUP BY case_id
), aged AS (
    SELECT greatest(CAST(:date AS date) - c.open_since, 0) AS days, s.verdicts
      FROM open_case AS c LEFT JOIN spoken AS s USING (case_id)
)
SELECT count(*) AS cases,
       count(*) FILTER (WHERE days = 0) AS tonight,
       count(*) FILTER (WHERE days BETWEEN 1 AND 7) AS week,
       count(*) FILTER (WHERE days BETWEEN 8 AND 30) AS month,
       count(*) FILTER (WHERE days > 30) AS older,
       coalesce(max(days), 0) AS oldest,
       count(*) FILTER (WHERE verdicts = 1) AS second_pending,
       count(*) FILTER (WHERE verdicts > 1) AS disagreed
  FROM aged
