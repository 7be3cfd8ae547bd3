SELECT 'card' AS place,
       count(*) FILTER (WHERE f.dossier_id IS NULL OR c.dossier_id IS NULL) AS "cards are not there, or have no events",
       count(*) FILTER (WHERE (c.state, c.attempt, c.since) IS DISTINCT FROM (f.state, f.attempt, f.since))
           AS "cards are in another state than their events say",
       count(*) FILTER (WHERE (c.reason, c.on_hold, c.card_number, c.office, c.shipment, c.batch_no) IS DISTINCT FROM
                              (f.reason, f.on_hold, f.card_number, f.office, f.shipment, f.batch_no))
           AS "cards keep something else than their events say"
  FROM store.card AS c
  FULL JOIN fresh_card AS f USING (dossier_id)
