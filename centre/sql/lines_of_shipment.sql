-- One shipment an office.
SELECT dossier, attempt, card_number, concat('{batch}-{late}-', office) AS shipment, office, '{at}' AS shipped_at
FROM card WHERE batch = {batch} AND late = {late} AND qc = 'passed' ORDER BY line
