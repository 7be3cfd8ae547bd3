-- Persons that were in review before and may be no more, and those over whom sources have disagreed.
INSERT INTO doubtful
SELECT s.person_id FROM settled AS s JOIN person AS p USING (person_id) WHERE p.in_review OR p.conflicts <> 0
