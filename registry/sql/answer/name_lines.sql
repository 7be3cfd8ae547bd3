-- Which dossiers the numbered lines of a batch were about: it has them in the order of their ids.
UPDATE told AS t
   SET dossier_id = l.dossier_id, attempt = l.attempt
  FROM (SELECT dossier_id, attempt, row_number() OVER (ORDER BY dossier_id) AS line
          FROM card_event WHERE batch_no = :batch_no AND event = 'handed_off') AS l
 WHERE l.line = t.line
