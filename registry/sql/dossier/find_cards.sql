-- Every dossier of these persons, under the ids too that they had.
SELECT w.person_id, d.dossier_id, c.state
  FROM (SELECT person_id, person_id AS id FROM sought_person
         UNION ALL
        SELECT a.person_id, a.old_id FROM sought_person JOIN person_alias AS a USING (person_id)) AS w
  JOIN dossier AS d ON d.person_id = w.id
  LEFT JOIN card AS c USING (dossier_id)
