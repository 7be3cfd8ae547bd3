-- What of each line the centre goes by, and the first thing in it that is not as agreed.
CREATE OR REPLACE TEMP TABLE read_dossier AS
SELECT line, dossier, attempt, office,
    CASE
        WHEN attempt IS NULL OR attempt < 1 THEN 'bad_attempt'
        WHEN office IS NULL OR NOT regexp_full_match(office, '[0-9a-z][0-9a-z-]{0,39}') THEN 'bad_station'
        WHEN layout IS NULL OR layout NOT IN ('2021', '2024') THEN 'bad_layout'
        WHEN mrz IS NULL OR len(mrz) <> 3
            OR len(list_filter(mrz, lambda one: regexp_full_match(one, '[A-Z0-9<]{30}'))) <> 3 THEN 'bad_mrz'
    END AS error
FROM (
    SELECT line, json ->> '$.dossier' AS dossier,
        CASE WHEN json_type(json, '$.attempt') = 'UBIGINT' THEN try_cast(json ->> '$.attempt' AS SMALLINT) END AS attempt,
        json ->> '$.station' AS office, json ->> '$.layout' AS layout, try_cast(json -> '$.mrz' AS VARCHAR[]) AS mrz
    FROM opened
)
