INSERT INTO load (load_id, business_date, province, validation, linkage)
VALUES (:load_id, :business_date, :province, CAST(:validation AS jsonb), CAST(:linkage AS jsonb))
RETURNING load_no
