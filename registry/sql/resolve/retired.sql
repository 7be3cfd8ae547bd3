SELECT old_id::text AS old_id FROM person_alias JOIN concerned USING (person_id)
