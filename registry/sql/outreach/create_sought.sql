CREATE TEMP TABLE sought (place text NOT NULL, place_from date NOT NULL) ON COMMIT DROP
