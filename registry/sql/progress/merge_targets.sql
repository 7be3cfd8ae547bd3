INSERT INTO target (place, place_date, measure, since, until, target, set_by)
VALUES (:place, :place_date, :measure, :since, :until, :target, :set_by)
ON CONFLICT (place, place_date, measure, since, until) DO UPDATE
   SET target = excluded.target, set_by = excluded.set_by
