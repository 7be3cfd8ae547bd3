-- What fitted nothing and fits now that what was missing has come. What a person has worked off stays as it is.
DELETE FROM parked AS p
 WHERE p.done_at IS NULL
   AND p.dossier_id IN (SELECT dossier_id FROM said)
   AND p.event_no IS NOT NULL
   AND p.event_no NOT IN (SELECT event_no FROM refused_event)
