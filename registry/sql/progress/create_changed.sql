-- Cards whose state or attempt is not the counted one, as they were counted, and as they are to be counted: known at once
-- while the attempt is the same, since where a card is counted changes with its attempt alone.
CREATE TEMP TABLE changed ON COMMIT DROP AS
SELECT dossier_id, state, attempt, counted AS was,
       CASE WHEN counted[2] = attempt::text THEN ARRAY[state] || counted[2:5] END AS becomes
  FROM card
 WHERE counted[1] IS DISTINCT FROM state OR counted[2] IS DISTINCT FROM attempt::text
