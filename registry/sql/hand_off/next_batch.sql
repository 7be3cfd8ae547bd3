SELECT nextval(pg_get_serial_sequence('card_batch', 'batch_no'))
