SELECT (SELECT count(*) FROM (SELECT person_id FROM numbered JOIN label_table USING (spot)
                               GROUP BY person_id HAVING min(label) <> max(label))),
       (SELECT count(*) FROM (SELECT label FROM numbered JOIN label_table USING (spot)
                               GROUP BY label HAVING min(person_id) <> max(person_id)))
