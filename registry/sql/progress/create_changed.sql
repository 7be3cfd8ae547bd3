-- Cards whose state or attempt is not the counted one, as they were counted and as they are now. Where a card is counted
-- changes with its attempt alone: a dossier that comes again, corrected, is another attempt.
CREATE TEMP TABLE changed ON COMMIT DROP AS
SELECT dossier_id, counted AS was, ARRAY[state] || counted[2:5] AS becomes
  FROM card
 WHERE counted[1] IS DISTINCT FROM state AND counted[2] = attempt::text
UNION ALL
SELECT dossier_id, c.counted, ARRAY[c.state, c.attempt::text, d.place, d.place_from::text, d.applicant]
  FROM card AS c
  JOIN dossier AS d USING (dossier_id)
 WHERE c.counted[2] IS DISTINCT FROM c.attempt::text
