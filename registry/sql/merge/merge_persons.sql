-- Group by group the greater stamp wins; tasks.merge writes the assignments of all of them.
MERGE INTO person AS p
USING folded AS s ON p.person_id = s.person_id
 WHEN MATCHED THEN UPDATE SET {assignments}
