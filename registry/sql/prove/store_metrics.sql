-- What the store suite reads, counted over what tonight's loads have touched.
WITH tonight AS MATERIALIZED (
    SELECT load_no FROM load WHERE business_date = %(date)s
), judged AS MATERIALIZED (
    SELECT coalesce(a.person_id, j.person_id) AS person_id, a.old_id
      FROM judgement AS j
      LEFT JOIN person_alias AS a ON a.old_id = j.person_id
     WHERE j.load_no >= (SELECT min(load_no) FROM tonight) AND j.load_no IN (SELECT load_no FROM tonight)
), touched AS MATERIALIZED (
    SELECT DISTINCT person_id FROM judged
), met AS MATERIALIZED (
    SELECT t.person_id AS touched_id, p.*
      FROM touched AS t LEFT JOIN person AS p USING (person_id)
), files AS (
    SELECT f.file_id, f.rows, (SELECT count(*) FROM received_row AS r WHERE r.file_id = f.file_id) AS found
      FROM file AS f
     WHERE f.load_no IN (SELECT load_no FROM tonight) AND f.state IN ('taken', 'held')
)
SELECT
    (SELECT count(*) FROM person_alias AS a JOIN person AS p ON p.person_id = a.old_id
      WHERE a.load_no IN (SELECT load_no FROM tonight)) AS persons_without_form,
    count(*) FILTER (WHERE person_id IS NULL) AS forms_without_person,
    (SELECT count(*) FROM judged JOIN person_alias AS a ON a.old_id = judged.person_id) AS forms_of_two_persons,
    (SELECT count(*) FROM (SELECT pid FROM met WHERE pid IS NOT NULL AND NOT in_review
                            GROUP BY pid HAVING count(*) > 1) AS shared) AS pids_shared_by_settled_persons,
    count(*) FILTER (WHERE person_id IS NOT NULL AND full_name IS NULL) AS persons_without_name,
    count(*) FILTER (WHERE person_id IS NOT NULL AND birth_date IS NULL) AS persons_without_birth_date,
    count(*) FILTER (WHERE birth_date !~ '^\d{4}(-\d{2}(-\d{2})?)?$') AS birth_dates_malformed,
    count(*) FILTER (WHERE sex NOT IN ('M', 'F')) AS sexes_malformed,
    count(*) FILTER (WHERE pid !~ '^\d{12}$') AS pids_malformed,
    count(*) FILTER (WHERE (birth_registration_place IS NULL) <> (birth_registration_place_from IS NULL)
                        OR (origin_place IS NULL) <> (origin_place_from IS NULL)
                        OR (permanent_place IS NULL) <> (permanent_place_from IS NULL)
                        OR (temporary_place IS NULL) <> (temporary_place_from IS NULL)
                        OR (current_place IS NULL) <> (current_place_from IS NULL)) AS places_without_date,
    count(*) FILTER (WHERE death_date < left(birth_date, length(death_date))) AS deaths_before_birth,
    (SELECT coalesce(sum(greatest(rows - found, 0)), 0)::bigint FROM files) AS rows_without_outcome,
    (SELECT coalesce(sum(greatest(found - rows, 0)), 0)::bigint FROM files) AS rows_of_two_outcomes,
    (SELECT count(*) FROM person_alias AS a LEFT JOIN person AS p ON p.person_id = a.person_id
      WHERE p.person_id IS NULL AND a.load_no IN (SELECT load_no FROM tonight)) AS persons_lost
  FROM met
