-- Changed cards are taken out of where they were counted, and counted where they are.
INSERT INTO card_count (place, place_from, applicant, state, cards)
SELECT counted[3], counted[4]::date, counted[5], counted[1], sum(step)
  FROM (SELECT was AS counted, -1 AS step FROM changed WHERE was IS NOT NULL
        UNION ALL
        SELECT becomes, 1 FROM changed) AS moved
 GROUP BY 1, 2, 3, 4
ON CONFLICT (place, place_from, applicant, state) DO UPDATE SET cards = card_count.cards + excluded.cards
