-- Cards of persons who were tied or parted, under any of their ids: what was asked for may be wrong now.
UPDATE card
   SET on_hold_since = CAST(:date AS date)
 WHERE on_hold_since IS NULL
   AND person_id IN (SELECT unnest(CAST(:persons AS uuid[]))
                     UNION
                     SELECT old_id FROM person_alias WHERE person_id = ANY(CAST(:persons AS uuid[])))
