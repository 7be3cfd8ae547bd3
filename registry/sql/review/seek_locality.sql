-- Persons in review whose permanent place (else the current, else the temporary one) is among the communes, and those
-- without a place whose forms came from a sender of the locality.
INSERT INTO sought
SELECT p.person_id
  FROM person AS p
 CROSS JOIN LATERAL (SELECT coalesce(p.permanent_place, p.current_place, p.temporary_place) AS code,
                            CASE WHEN p.permanent_place IS NOT NULL THEN p.permanent_place_from
                                 WHEN p.current_place IS NOT NULL THEN p.current_place_from
                                 ELSE p.temporary_place_from END AS valid_from) AS home
  LEFT JOIN unnest(CAST(:codes AS text[]), CAST(:days AS date[])) AS lies (code, valid_from)
         ON lies.code = home.code AND lies.valid_from = home.valid_from
 WHERE p.in_review
   AND (lies.code IS NOT NULL
        OR (home.code IS NULL
            AND EXISTS (SELECT
                          FROM judgement AS j
                          JOIN membership AS m ON m.form_id = j.form_id AND m.person_id = p.person_id
                          JOIN file AS f ON f.file_id = m.file_id
                         WHERE j.person_id = p.person_id AND f.sender = ANY(CAST(:senders AS text[])))))
