-- Lines that name no dossier.
SELECT count(*) FROM read_dossier WHERE dossier IS NULL OR NOT regexp_full_match(dossier, $pattern)
