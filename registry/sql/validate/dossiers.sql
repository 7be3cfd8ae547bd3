-- The load's dossiers that are to be judged, each with its measures beside its own columns.
CREATE VIEW dossiers AS
SELECT
    s.*,
    f.* EXCLUDE (file_no, row_no, persons),
    coalesce(f.persons, 0) AS persons_found,
    a.own_state,
    strftime(s.captured_on, '%Y-%m-%d') AS captured_day,
    -- Whoever is born on 29 February comes of age on the last day of February.
    (
        date_diff('year', s.born, s.captured_on)
        - (s.born + to_years(date_diff('year', s.born, s.captured_on)::INT) > s.captured_on)::INT
    )::INT AS age,
    coalesce(b.twice, FALSE) AS dossier_no_repeated,
    coalesce(b.again, FALSE) AS captured_again,
    coalesce(b.live, 0) AS other_live,
    coalesce(b.delivered, 0) AS other_delivered,
    {same_places},
    {taken}
FROM (SELECT *, TRY_CAST(CASE WHEN length(birth_date) = 10 THEN birth_date END AS DATE) AS born FROM {standard}) AS s
JOIN asked AS a USING (file_no, row_no)
LEFT JOIN found AS f USING (file_no, row_no)
LEFT JOIN beside AS b USING (file_no, row_no)
{joins}
