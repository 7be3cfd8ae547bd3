-- A card for each accepted dossier, and one more, a run later, where the first fails quality control.
INSERT INTO card
SELECT batch, line, late + remade, dossier, attempt, office,
    CASE WHEN qc_failed AND remade = 0 THEN 'failed' ELSE 'passed' END,
    upper(left(md5(concat('card/', dossier, '/', attempt, '/', remade)), 14)),
    upper(left(md5(concat('chip/', dossier, '/', attempt, '/', remade)), 16))
FROM dossier, (VALUES (0), (1)) AS makes (remade)
WHERE batch = $batch AND error IS NULL AND reason IS NULL AND (remade = 0 OR qc_failed)
ORDER BY line, remade
