-- What is to become of each dossier: by chance, but always the same for the same dossier, attempt and seed.
INSERT INTO dossier
SELECT $batch, line, dossier, attempt, office, error,
    CASE WHEN error IS NULL AND luck('reject' || name) < $reject
        THEN $reasons[1 + floor(luck('reason' || name) * len($reasons))::INTEGER] END,
    CASE WHEN luck('partial' || name) < $partial THEN 0 ELSE 1 END,
    luck('qc' || name) < $qc_fail
FROM (SELECT *, concat('/', $seed, '/', dossier, '/', attempt) AS name FROM read_dossier)
ORDER BY line
