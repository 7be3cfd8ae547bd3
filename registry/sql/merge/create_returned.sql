CREATE TEMP TABLE returned (file_id bigint, row_no bigint, by_file_id bigint, by_row_no bigint) ON COMMIT DROP
