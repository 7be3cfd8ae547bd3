-- In the order of the dossiers: so they are written in the order of the index.
SELECT dossier_id, state, attempt, since, reason, on_hold, card_number, shipment, office, batch_no
  FROM card
 WHERE dossier_id IN (SELECT dossier_id FROM said)
 ORDER BY dossier_id
