-- Of whom people have decided.
WITH released AS (
    INSERT INTO card_event (dossier_id, attempt, event, happened_at, business_date)
    SELECT c.dossier_id, c.attempt, 'release', clock_timestamp(), :date
      FROM card AS c
      JOIN dossier AS d USING (dossier_id)
      LEFT JOIN person_alias AS a ON a.old_id = d.person_id
      JOIN person AS p ON p.person_id = coalesce(a.person_id, d.person_id)
     WHERE c.on_hold = 'review' AND NOT p.in_review
    ON CONFLICT DO NOTHING
    RETURNING dossier_id
)
UPDATE card SET on_hold = NULL WHERE dossier_id IN (SELECT dossier_id FROM released)
