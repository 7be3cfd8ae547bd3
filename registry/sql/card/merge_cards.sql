MERGE INTO card AS c
USING folded_card AS f ON f.dossier_id = c.dossier_id
WHEN MATCHED AND (c.state, c.attempt, c.since) IS DISTINCT FROM (f.state, f.attempt, f.since)
              OR (c.reason, c.on_hold, c.card_number, c.office, c.shipment, c.batch_no) IS DISTINCT FROM
                 (f.reason, f.on_hold, f.card_number, f.office, f.shipment, f.batch_no) THEN
    UPDATE SET state = f.state, attempt = f.attempt, since = f.since, reason = f.reason, on_hold = f.on_hold,
               card_number = f.card_number, office = f.office, shipment = f.shipment, batch_no = f.batch_no
WHEN NOT MATCHED THEN
    INSERT (dossier_id, state, attempt, since, reason, on_hold, card_number, office, shipment, batch_no)
    VALUES (f.dossier_id, f.state, f.attempt, f.since, f.reason, f.on_hold, f.card_number, f.office, f.shipment, f.batch_no)
