-- Only what is not as agreed.
SELECT line, error FROM dossier WHERE batch = {batch} AND error IS NOT NULL AND {late} = 0 ORDER BY line
