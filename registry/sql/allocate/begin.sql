-- The first allocation makes the row; another one that makes it at the same time is waited for.
INSERT INTO allocation (key_check, up_to_load) VALUES (:key_check, 0) ON CONFLICT DO NOTHING
