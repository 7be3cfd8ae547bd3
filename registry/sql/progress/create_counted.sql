CREATE TEMP TABLE counted (place text, place_from date, forms bigint) ON COMMIT DROP
