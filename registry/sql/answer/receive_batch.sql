UPDATE card_batch SET received_at = coalesce(least(received_at, :made_at), :made_at) WHERE batch_no = :batch_no
