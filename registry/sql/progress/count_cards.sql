-- Cards whose state or attempt is not the counted one: taken out of where they were counted, counted where they are.
-- What is counted of a card changes with them alone: a dossier that comes again, corrected, is another attempt.
WITH changed AS (
    UPDATE card AS c
       SET counted = ARRAY[c.state, c.attempt::text, d.place, d.place_from::text, d.applicant]
      FROM card AS before
      JOIN dossier AS d USING (dossier_id)
     WHERE before.dossier_id = c.dossier_id AND (before.counted[1] IS DISTINCT FROM before.state OR before.counted[2] IS DISTINCT FROM before.attempt::text)
    RETURNING before.counted AS was, c.counted AS becomes
), step AS (
    SELECT was AS counted, -1 AS cards FROM changed WHERE was IS NOT NULL
    UNION ALL
    SELECT becomes, 1 FROM changed
)
INSERT INTO card_count (place, place_from, applicant, state, cards)
SELECT counted[3], counted[4]::date, counted[5], counted[1], sum(cards)
  FROM step
 GROUP BY 1, 2, 3, 4
ON CONFLICT (place, place_from, applicant, state) DO UPDATE SET cards = card_count.cards + excluded.cards
