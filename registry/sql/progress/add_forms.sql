-- The forms of one load, counted by residence in `counted`.
INSERT INTO form_count (place, place_from, forms)
SELECT place, place_from, forms FROM counted
ON CONFLICT (place, place_from) DO UPDATE SET forms = form_count.forms + excluded.forms
