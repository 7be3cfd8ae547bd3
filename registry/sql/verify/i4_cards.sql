-- Every dossier has its card, and every card its dossier and person.
SELECT 'card' AS place,
       count(*) FILTER (WHERE c.dossier_id IS NULL) AS "dossiers have no card",
       count(*) FILTER (WHERE d.dossier_id IS NULL) AS "cards have no dossier",
       count(*) FILTER (WHERE d.dossier_id IS NOT NULL AND p.person_id IS NULL) AS "dossiers are of nobody in the store"
  FROM store.dossier AS d
  FULL JOIN store.card AS c USING (dossier_id)
  LEFT JOIN store.person_alias AS a ON a.old_id = d.person_id
  LEFT JOIN store.person AS p ON p.person_id = coalesce(a.person_id, d.person_id)
