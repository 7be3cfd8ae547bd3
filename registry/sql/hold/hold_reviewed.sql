-- Cards of persons of whom people must decide. Those are few: the store has an index of them.
WITH known AS (
    SELECT person_id AS id FROM person WHERE in_review
    UNION
    SELECT a.old_id FROM person_alias AS a JOIN person AS p USING (person_id) WHERE p.in_review
), held AS (
    INSERT INTO card_event (dossier_id, attempt, event, happened_at, reason, business_date)
    SELECT c.dossier_id, c.attempt, 'hold', clock_timestamp(), 'review', :date
      FROM known
      JOIN dossier AS d ON d.person_id = known.id
      JOIN card AS c USING (dossier_id)
     WHERE c.state <> ALL(:ended) AND c.on_hold IS NULL
    ON CONFLICT DO NOTHING
    RETURNING dossier_id
)
UPDATE card SET on_hold = 'review' WHERE dossier_id IN (SELECT dossier_id FROM held)
