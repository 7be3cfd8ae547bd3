SELECT 'card, batch ' || coalesce(b.sequence, c.sequence) AS place,
       (b.sequence IS NULL)::INT AS "batch has cards and is not in card_batch",
       abs(coalesce(b.cards, c.cards) - coalesce(c.cards, 0)) AS "cards too few or too many beside card_batch",
       c.strangers AS "cards are for nobody in the store",
       (b.up_to_load > (SELECT coalesce(max(load_no), 0) FROM store.load))::INT
           AS "batch has looked at a load that the table load lacks"
  FROM store.card_batch AS b
  FULL JOIN (SELECT c.sequence, count(*) AS cards,
                    count(*) FILTER (WHERE p.person_id IS NULL AND a.old_id IS NULL) AS strangers
               FROM store.card AS c
               LEFT JOIN store.person AS p USING (person_id)
               LEFT JOIN store.person_alias AS a ON a.old_id = c.person_id
              GROUP BY c.sequence) AS c USING (sequence)
 ORDER BY coalesce(b.sequence, c.sequence)
