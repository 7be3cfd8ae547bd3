-- The load's dossiers, each with its measures beside its own columns. What was taken before is not judged again.
CREATE TEMP VIEW dossiers AS
WITH said AS (
    SELECT
        s.*,
        TRY_CAST(CASE WHEN length(s.birth_date) = 10 THEN s.birth_date END AS DATE) AS born,
        coalesce(f.persons, 0) AS persons_found,
        f.* EXCLUDE (file_no, row_no, persons),
        k.state AS own_state,
        k.content AS own_content
    FROM {standard} AS s
    LEFT JOIN found AS f ON f.file_no = s.file_no AND f.row_no = s.row_no
    LEFT JOIN known AS k ON k.dossier_id = s.dossier_id
),
others AS (
    -- other dossiers of these persons
    SELECT
        s.file_no, s.row_no,
        count(*) FILTER (WHERE NOT c.ended) AS live,
        count(*) FILTER (WHERE c.delivered) AS delivered
    FROM said AS s
    JOIN cards AS c ON c.person_id = s.person_id AND c.dossier_id <> s.dossier_id
    GROUP BY s.file_no, s.row_no
)
SELECT
    s.*,
    strftime(s.captured_on, '%Y-%m-%d') AS captured_day,
    -- Whoever is born on 29 February comes of age on the last day of February.
    (date_diff('year', born, captured_on) - (born + to_years(date_diff('year', born, captured_on)::INT) > captured_on)::INT)::INT AS age,
    coalesce(o.live, 0) AS other_live,
    coalesce(o.delivered, 0) AS other_delivered,
    coalesce(min(form_id) OVER number <> max(form_id) OVER number AND form_no IS NOT NULL, FALSE) AS dossier_no_repeated,
    person_id IS NOT NULL AND s.dossier_id <> first_value(s.dossier_id) OVER (
        PARTITION BY person_id ORDER BY captured_at, s.dossier_id
    ) AS captured_again,
    {same_places},
    {taken}
FROM said AS s
LEFT JOIN others AS o ON o.file_no = s.file_no AND o.row_no = s.row_no
{joins}
WHERE own_content IS DISTINCT FROM form_id
WINDOW number AS (PARTITION BY sender, form_no)
