UPDATE parked SET done_by = :by, done_at = now(), note = :note WHERE parked_no = :number AND done_at IS NULL
