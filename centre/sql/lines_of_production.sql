SELECT dossier, attempt, card_number, chip_serial, qc, '{at}' AS made_at
FROM card WHERE batch = {batch} AND late = {late} ORDER BY line
