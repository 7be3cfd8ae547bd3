WITH released AS (
    INSERT INTO card_event (dossier_id, attempt, event, happened_at, reason, business_date)
    SELECT dossier_id, attempt, 'release', clock_timestamp(), :reason, :date
      FROM card
     WHERE dossier_id = CAST(:dossier_id AS uuid) AND on_hold IS NOT NULL
    RETURNING dossier_id
)
UPDATE card SET on_hold = NULL WHERE dossier_id IN (SELECT dossier_id FROM released)
