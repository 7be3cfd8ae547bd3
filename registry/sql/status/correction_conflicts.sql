-- Corrections of what does not stand there, by the age of the conflict.
SELECT count(*) AS corrections,
       count(*) FILTER (WHERE days = 0) AS tonight,
       count(*) FILTER (WHERE days BETWEEN 1 AND 7) AS week,
       count(*) FILTER (WHERE days BETWEEN 8 AND 30) AS month,
       count(*) FILTER (WHERE days > 30) AS older,
       coalesce(max(days), 0) AS oldest
  FROM (SELECT greatest(CAST(:date AS date) - conflict_since, 0) AS days
          FROM person_correction WHERE conflict_since IS NOT NULL) AS aged
