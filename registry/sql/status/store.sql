-- The store as it is now; of cards, those of the night that is asked for. No answer of the centre is known yet.
SELECT (SELECT count(*) FROM person) AS persons,
       (SELECT count(*) FROM person WHERE in_review) AS in_review,
       (SELECT count(*) FROM person WHERE full_name IS NULL OR birth_date IS NULL) AS without_register,
       (SELECT count(*) FROM card_batch WHERE CAST(:date AS date) IS NULL OR business_date = :date) AS batches,
       (SELECT coalesce(sum(cards), 0)::bigint FROM card_batch
         WHERE CAST(:date AS date) IS NULL OR business_date = :date) AS cards,
       (SELECT coalesce(sum(cards), 0)::bigint FROM card_batch WHERE published_at IS NOT NULL) AS outstanding,
       (SELECT count(*) FROM card_batch WHERE published_at IS NULL) AS unpublished,
       (SELECT count(*) FROM card WHERE on_hold_since IS NOT NULL) AS on_hold
