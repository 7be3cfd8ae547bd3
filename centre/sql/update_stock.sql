-- What the offices said in this run.
UPDATE stock SET state = said.event
FROM (
    SELECT card_number, max_by(event, event <> 'arrived') AS event FROM delivery WHERE run = $run GROUP BY card_number
) AS said
WHERE stock.card_number = said.card_number
