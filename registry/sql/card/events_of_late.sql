-- All events of cards that cannot be folded further: something came late, or did not fit so far.
SELECT event_no, dossier_id, attempt, event, happened_at, reason, card_number, shipment, office, batch_no
  FROM card_event
 WHERE dossier_id IN (SELECT dossier_id FROM late_event
                      UNION
                      SELECT dossier_id FROM said JOIN parked USING (dossier_id) WHERE parked.event_no IS NOT NULL)
