-- All events of cards that could not be folded further, and of those of which something did not fit so far.
SELECT event_no, dossier_id, attempt, event, happened_at, reason, card_number, shipment, office, batch_no
  FROM card_event
 WHERE dossier_id IN (SELECT dossier_id FROM unfolded
                      UNION
                      SELECT p.dossier_id FROM parked AS p JOIN said AS s USING (dossier_id) WHERE p.event_no IS NOT NULL)
