-- The store as it is now; of batches, those of the night that is asked for.
SELECT (SELECT count(*) FROM person) AS persons,
       (SELECT count(*) FROM person WHERE in_review) AS in_review,
       (SELECT count(*) FROM person WHERE full_name IS NULL OR birth_date IS NULL) AS without_register,
       (SELECT count(*) FROM card_batch WHERE CAST(:date AS date) IS NULL OR business_date = :date) AS batches,
       (SELECT coalesce(sum(dossiers), 0)::bigint FROM card_batch
         WHERE CAST(:date AS date) IS NULL OR business_date = :date) AS cards,
       (SELECT count(*) FROM card WHERE state = 'captured') AS waiting,
       (SELECT count(*) FROM card WHERE state IN ('handed_off', 'accepted', 'qc_failed', 'produced')) AS outstanding,
       (SELECT count(*) FROM card_batch WHERE published_at IS NULL) AS unpublished,
       (SELECT count(*) FROM card WHERE on_hold IS NOT NULL) AS on_hold,
       (SELECT count(*) FROM parked WHERE done_at IS NULL) AS parked
