-- What was known of the cards after a night.
SELECT e.event_no, e.dossier_id, e.attempt, e.event, e.happened_at, e.reason, e.card_number, e.shipment, e.office, e.batch_no
  FROM card_event AS e
 WHERE e.dossier_id = ANY(CAST(%(dossiers)s AS uuid[])) AND e.business_date <= %(night)s
