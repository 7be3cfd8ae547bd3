INSERT INTO number_range (prefix, next) VALUES (:prefix, :next)
ON CONFLICT (prefix) DO UPDATE SET next = excluded.next
