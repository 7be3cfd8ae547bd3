SELECT dossier, attempt, CASE WHEN reason IS NULL THEN 'accepted' ELSE 'rejected' END AS result, reason
FROM dossier WHERE batch = {batch} AND error IS NULL AND late = {late} ORDER BY line
