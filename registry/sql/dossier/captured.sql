-- Times with their zone in UTC, and the day of each in the nation's own time; null for what is no such time.
SELECT taken, CAST(taken + to_hours($hours) AS DATE) AS day
  FROM (SELECT make_timestamp(epoch_us(TRY_CAST(CASE WHEN regexp_full_match(text, $time)
                   -- DuckDB wants the seconds where there is a zone.
                   THEN regexp_replace(text, '^(.{16})(Z|[+-])', '\1:00\2') END AS TIMESTAMPTZ))) AS taken
          FROM given)
