-- Counts that are kept up are those of a fresh count: of cards, as each was counted last; of forms, as they were accepted.
WITH counted AS (
    SELECT part[1] AS state, part[3] AS place, CAST(part[4] AS DATE) AS place_from, part[5] AS applicant, count(*) AS cards
      FROM (SELECT string_split(counted, ' ') AS part FROM store.card WHERE counted IS NOT NULL)
     GROUP BY ALL
), kept AS (
    SELECT state, place, place_from, applicant, cards FROM store.card_count WHERE cards <> 0
)
SELECT 'card_count' AS place, count(*) AS "counts are not those of the cards, or of the forms"
  FROM counted AS c
  FULL JOIN kept AS k USING (state, place, place_from, applicant)
 WHERE c.cards IS DISTINCT FROM k.cards
UNION ALL
SELECT 'form_count', abs((SELECT coalesce(sum(forms), 0) FROM store.form_count) - count(*))
  FROM store.judgement AS j
  JOIN store.file AS f USING (file_id)
 WHERE j.judged_no = 0 AND f.kind = 'registers'
