-- One row a household of the load: who is in it, and what is said of its head.
CREATE TEMP TABLE households AS
SELECT
    household_key,
    count(*)::INTEGER AS household_size,
    count(*) FILTER (relation_to_head = 'HEAD')::INTEGER AS household_heads,
    count(*) FILTER (relation_to_head IN ('WIFE', 'HUSBAND'))::INTEGER AS household_spouses,
    -- Unknown where no form says anything.
    min(head_name_key) = max(head_name_key) AS household_head_name_agrees,
    min(place_key) = max(place_key) AS household_place_agrees,
    -- Of a household with two heads none is taken for the head.
    CASE WHEN household_heads = 1 THEN min(sex) FILTER (relation_to_head = 'HEAD') END AS head_sex,
    CASE WHEN household_heads = 1 THEN min(birth_year) FILTER (relation_to_head = 'HEAD') END AS head_birth_year
FROM (
    -- A form that was sent twice is one member of its household.
    SELECT DISTINCT household_key, content_key, relation_to_head, head_name_key, place_key, sex, birth_year
    FROM keys
    WHERE household_key IS NOT NULL
)
GROUP BY household_key
