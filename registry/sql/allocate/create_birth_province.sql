CREATE TEMP TABLE birth_province (place text, place_from date, digits text NOT NULL) ON COMMIT DROP
