-- A night that has ended counted its files by state. A repeat is final; a file that waits, or whose sender nobody
-- knows, is looked at every night, so of the other states only the last night can tell.
WITH run AS (
    SELECT run_id, business_date, started_at, ended_at, file_states::JSON AS file_states,
           run_id = max(run_id) OVER () AS is_last
      FROM store.night_run
), counted AS (
    SELECT run.run_id, run.business_date, kind.state, coalesce((run.file_states ->> kind.state)::BIGINT, 0) AS noted,
           (SELECT count(*) FROM store.file AS f
             WHERE f.state = kind.state AND f.business_date = run.business_date
               AND greatest(f.received_at, coalesce(f.ended_at, 0)) BETWEEN run.started_at AND run.ended_at) AS found
      FROM run, (SELECT unnest(['repeat', 'waiting', 'received', 'refused', 'taken', 'held']) AS state) AS kind
     WHERE run.ended_at IS NOT NULL AND run.file_states IS NOT NULL AND (kind.state = 'repeat' OR run.is_last)
)
SELECT 'file, night of ' || business_date || ', state ' || state AS place,
       abs(found - noted) AS "files too few or too many beside what the night counted"
  FROM counted
 ORDER BY run_id, state
