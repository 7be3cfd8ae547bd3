-- A conflict that was there before keeps its night.
INSERT INTO person_correction AS c (form_id, person_id, field_group, conflict_since)
SELECT form_id, person_id, field_group, CASE WHEN in_conflict THEN CAST(:date AS date) END
  FROM fresh_correction
    ON CONFLICT (form_id) DO UPDATE
   SET person_id = excluded.person_id,
       conflict_since = CASE WHEN excluded.conflict_since IS NOT NULL
                             THEN coalesce(c.conflict_since, excluded.conflict_since) END
