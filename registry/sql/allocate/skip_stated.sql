-- Numbers that a form of the store states are left out for ever: their places in the order are used up.
DELETE FROM drawn WHERE CAST(number AS bigint) IN (SELECT number FROM judgement WHERE number IS NOT NULL)
                     OR number IN (SELECT number FROM allocated_number)
