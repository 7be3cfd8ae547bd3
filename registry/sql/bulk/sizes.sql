-- Bytes that wait for their load, and forms that the store holds, as the planner has them.
SELECT (SELECT coalesce(sum(size), 0)::bigint FROM file WHERE state = 'received') AS coming_bytes,
       (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'judgement'::regclass) AS forms
