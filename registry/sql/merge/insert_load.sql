INSERT INTO load (load_id, business_date, province, validation, seconds)
VALUES (:load_id, :business_date, :province, CAST(:validation AS jsonb), CAST(:seconds AS jsonb))
RETURNING load_no
