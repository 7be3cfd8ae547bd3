-- Numbers that a person of the store has by a form are left out for ever: their places in the order are used up.
DELETE FROM drawn WHERE number_key IN (SELECT number_key FROM number_of_person)
