-- Ids that led to a person which is now tied lead to where that one goes: one step from any old id to today.
UPDATE person_alias AS a SET person_id = t.person_id FROM tied AS t WHERE a.person_id = t.old_id
