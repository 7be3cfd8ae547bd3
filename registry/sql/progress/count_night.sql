-- How each commune stands now. Persons are read from the index `person_residence` alone; a commune that nobody states
-- counts under an empty code, so that the sums are those of the nation.
WITH home AS (
    SELECT permanent_place, permanent_place_from, current_place, current_place_from, temporary_place,
           temporary_place_from, count(*) AS persons
      FROM person
     WHERE death_date IS NULL
     GROUP BY 1, 2, 3, 4, 5, 6
), reached AS (
    SELECT place, place_from, applicant = 'temporary' AS temporary,
           sum(cards) AS dossiers,
           sum(cards) FILTER (WHERE state IN ('produced', 'shipped', 'arrived', 'undeliverable', 'delivered')) AS produced,
           sum(cards) FILTER (WHERE state IN ('arrived', 'undeliverable', 'delivered')) AS returned,
           sum(cards) FILTER (WHERE state = 'delivered') AS delivered
      FROM card_count
     WHERE state NOT IN ('returned', 'cancelled', 'purged')
     GROUP BY 1, 2, 3
), counted (place, place_from, forms, persons, lodgers, temporary, dossiers, produced, returned, delivered) AS (
    SELECT place, place_from, forms, 0, 0, false, 0, 0, 0, 0 FROM form_count
    UNION ALL
    SELECT coalesce(permanent_place, current_place, ''),
           CASE WHEN permanent_place IS NULL THEN current_place_from ELSE permanent_place_from END,
           0, persons, 0, false, 0, 0, 0, 0
      FROM home
    UNION ALL
    SELECT temporary_place, temporary_place_from, 0, 0, persons, false, 0, 0, 0, 0
      FROM home WHERE temporary_place IS NOT NULL
    UNION ALL
    SELECT place, place_from, 0, 0, 0, temporary, dossiers, produced, returned, delivered FROM reached
)
INSERT INTO progress_count (business_date, place, place_from, forms, persons, temporary_residents, dossiers, produced,
       returned, delivered, temporary_dossiers, temporary_produced, temporary_returned, temporary_delivered)
SELECT :date, place, coalesce(place_from, '1900-01-01'), sum(forms), sum(persons), sum(lodgers), sum(dossiers),
       coalesce(sum(produced), 0), coalesce(sum(returned), 0), coalesce(sum(delivered), 0),
       coalesce(sum(dossiers) FILTER (WHERE temporary), 0), coalesce(sum(produced) FILTER (WHERE temporary), 0),
       coalesce(sum(returned) FILTER (WHERE temporary), 0), coalesce(sum(delivered) FILTER (WHERE temporary), 0)
  FROM counted
 GROUP BY place, coalesce(place_from, '1900-01-01')
