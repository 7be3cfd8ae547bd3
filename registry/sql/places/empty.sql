WITH gone AS (DELETE FROM place_successor)
DELETE FROM place
