-- Cards of some persons, under any of their ids, that are not done with. The time is the clock's, here and in the other
-- statements: what began before another one and ends after it has happened after it.
WITH known AS (
    SELECT unnest(CAST(:persons AS uuid[])) AS id
    UNION
    SELECT old_id FROM person_alias WHERE person_id = ANY(CAST(:persons AS uuid[]))
), held AS (
    INSERT INTO card_event (dossier_id, attempt, event, happened_at, reason, business_date)
    SELECT c.dossier_id, c.attempt, 'hold', clock_timestamp(), :reason, :date
      FROM known
      JOIN dossier AS d ON d.person_id = known.id
      JOIN card AS c USING (dossier_id)
     WHERE c.state <> ALL(:ended) AND c.on_hold IS DISTINCT FROM :reason
    ON CONFLICT DO NOTHING
    RETURNING dossier_id
)
UPDATE card SET on_hold = :reason WHERE dossier_id IN (SELECT dossier_id FROM held)
