-- The load's movements, each with its measures beside its own columns.
CREATE TEMP VIEW movements AS
WITH said AS (
    SELECT
        *,
        -- What the cells say of the person as known before: the value columns may carry what is new.
        {as_sent},
        CASE WHEN movement = 'number_change' AND length(pid) = 12 THEN TRY_CAST(pid AS BIGINT) END AS new_pid_number
    FROM standard
)
SELECT
    *,
    strftime(sent_on, '%Y-%m-%d') AS sent_day,
    strftime(occurred_on, '%Y-%m-%d') AS occurred_day,
    CASE WHEN length(sent_pid) = 12 THEN TRY_CAST(sent_pid AS BIGINT) END AS sent_pid_number,
    -- A year alone is its first day, a month alone likewise: as old as the person can be.
    date_sub('year', TRY_CAST(left(sent_birth_date || '-01-01', 10) AS DATE), occurred_on)::SMALLINT AS age_at_most,
    coalesce(
        min(form_id) OVER (PARTITION BY sender, form_no) <> max(form_id) OVER (PARTITION BY sender, form_no)
        AND form_no IS NOT NULL, FALSE
    ) AS movement_no_repeated
FROM said
