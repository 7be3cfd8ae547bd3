INSERT INTO load (load_id, business_date, province, validation)
VALUES (:load_id, :business_date, :province, CAST(:validation AS jsonb))
RETURNING load_no
