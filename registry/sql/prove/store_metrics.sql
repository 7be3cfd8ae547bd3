-- What the store suite reads, counted over what tonight's loads have touched.
WITH tied AS (
    SELECT old_id, person_id FROM person_alias WHERE load_no > %(since_load)s
), files AS MATERIALIZED (
    SELECT f.rows, (SELECT count(*) FROM received_row AS r WHERE r.file_id = f.file_id) AS found
      FROM file AS f
     WHERE f.load_no > %(since_load)s AND f.state IN ('taken', 'held')
)
SELECT
    (SELECT count(*) FROM tied JOIN person AS p ON p.person_id = tied.old_id) AS persons_without_form,
    count(*) FILTER (WHERE p.person_id IS NULL) AS forms_without_person,
    (SELECT count(*) FROM tied JOIN person_alias AS a ON a.old_id = tied.person_id) AS forms_of_two_persons,
    (SELECT count(*) FROM (SELECT p.pid FROM touched JOIN person AS p USING (person_id)
                            WHERE p.pid IS NOT NULL AND NOT p.in_review
                            GROUP BY p.pid HAVING count(*) > 1) AS shared) AS pids_shared_by_settled_persons,
    -- Whoever is known by movements alone waits for the register that states the rest.
    count(*) FILTER (WHERE p.person_id IS NOT NULL AND full_name IS NULL AND EXISTS (
        SELECT FROM judgement AS j JOIN file AS f USING (file_id)
         WHERE j.person_id = p.person_id AND f.key LIKE 'landing/registers/%%')) AS persons_without_name,
    count(*) FILTER (WHERE p.person_id IS NOT NULL AND birth_date IS NULL AND EXISTS (
        SELECT FROM judgement AS j JOIN file AS f USING (file_id)
         WHERE j.person_id = p.person_id AND f.key LIKE 'landing/registers/%%')) AS persons_without_birth_date,
    -- What is left of a date without its digits; a regular expression costs several times as much.
    count(*) FILTER (WHERE (length(birth_date), translate(birth_date, '0123456789', ''))
                           NOT IN ((4, ''), (7, '-'), (10, '--'))) AS birth_dates_malformed,
    count(*) FILTER (WHERE sex NOT IN ('M', 'F')) AS sexes_malformed,
    count(*) FILTER (WHERE length(pid) <> 12 OR translate(pid, '0123456789', '') <> '') AS pids_malformed,
    count(*) FILTER (WHERE (birth_registration_place IS NULL) <> (birth_registration_place_from IS NULL)
                        OR (origin_place IS NULL) <> (origin_place_from IS NULL)
                        OR (permanent_place IS NULL) <> (permanent_place_from IS NULL)
                        OR (temporary_place IS NULL) <> (temporary_place_from IS NULL)
                        OR (current_place IS NULL) <> (current_place_from IS NULL)) AS places_without_date,
    count(*) FILTER (WHERE death_date < left(birth_date, length(death_date))) AS deaths_before_birth,
    (SELECT coalesce(sum(greatest(rows - found, 0)), 0)::bigint FROM files) AS rows_without_outcome,
    (SELECT coalesce(sum(greatest(found - rows, 0)), 0)::bigint FROM files) AS rows_of_two_outcomes,
    (SELECT count(*) FROM tied LEFT JOIN person AS p USING (person_id) WHERE p.person_id IS NULL) AS persons_lost
  FROM touched LEFT JOIN person AS p USING (person_id)
