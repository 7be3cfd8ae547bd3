SELECT 'person_alias' AS place,
       count(*) FILTER (WHERE a.old_id = a.person_id) AS "ids lead to themselves",
       count(*) FILTER (WHERE next.old_id IS NOT NULL) AS "ids lead to an id that leads on",
       count(*) FILTER (WHERE today.person_id IS NULL AND next.old_id IS NULL) AS "ids lead to nobody",
       count(*) FILTER (WHERE still.person_id IS NOT NULL) AS "old ids are persons still",
       count(*) FILTER (WHERE l.load_no IS NULL) AS "ids were tied by a load that the table load lacks",
       count(*) FILTER (WHERE j.person_id IS NULL) AS "old ids were never judged to be anybody",
       (SELECT count(*)
          FROM (SELECT DISTINCT person_id FROM store.judgement) AS ever
          ANTI JOIN store.person USING (person_id)
          ANTI JOIN store.person_alias AS led ON led.old_id = ever.person_id) AS "ids that forms had lead nowhere"
  FROM store.person_alias AS a
  LEFT JOIN store.person_alias AS next ON next.old_id = a.person_id
  LEFT JOIN store.person AS today ON today.person_id = a.person_id
  LEFT JOIN store.person AS still ON still.person_id = a.old_id
  LEFT JOIN store.load AS l ON l.load_no = a.load_no
  LEFT JOIN (SELECT DISTINCT person_id FROM store.judgement) AS j ON j.person_id = a.old_id
