-- A dossier is in a batch once an attempt, and in no second batch while the first is live: such a step would be refused.
WITH asked AS (
    SELECT batch_no, dossier_id, attempt, event_no,
           CAST(('0x' || substr(replace(dossier_id, '-', ''), 1, 16)) AS UBIGINT) AS share
      FROM store.card_event
     WHERE event = 'handed_off'
), batch AS (
    SELECT batch_no, count(*) AS dossiers, count(DISTINCT dossier_id) AS different,
           CAST(sum(CAST(share AS HUGEINT)) % 18446744073709551616 AS VARCHAR) AS hash_total,
           count(*) FILTER (WHERE event_no IN (SELECT event_no FROM refused_event)) AS live_elsewhere
      FROM asked
     GROUP BY batch_no
)
SELECT 'batch ' || coalesce(b.centre || ' ' || b.sequence, 'number ' || a.batch_no) AS place,
       (b.batch_no IS NULL)::INT AS "batch has dossiers and is not in card_batch",
       abs(coalesce(b.dossiers, 0) - coalesce(a.dossiers, 0)) AS "dossiers too few or too many beside card_batch",
       a.dossiers - a.different AS "dossiers are in the batch twice",
       (b.hash_total <> a.hash_total)::INT AS "hash total is not that of its dossiers",
       a.live_elsewhere AS "dossiers are in another live batch"
  FROM store.card_batch AS b
  FULL JOIN batch AS a USING (batch_no)
 ORDER BY 1
