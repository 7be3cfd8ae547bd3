-- A batch's lines in their order; a line that is no object stops it.
CREATE OR REPLACE TEMP TABLE opened AS
SELECT row_number() OVER ()::INTEGER AS line, json
FROM read_ndjson_objects($file)
