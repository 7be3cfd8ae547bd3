UPDATE allocation SET up_to_load = :up_to_load
