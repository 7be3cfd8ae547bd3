-- Answers whose run has come take the next places of the sequence, in the order in which they were decided.
UPDATE answer SET sequence = numbered.sequence
FROM (
    SELECT no, (SELECT coalesce(max(sequence), 0) FROM answer) + row_number() OVER (ORDER BY due, no) AS sequence
    FROM answer WHERE sequence IS NULL AND due <= $run
) AS numbered
WHERE answer.no = numbered.no
