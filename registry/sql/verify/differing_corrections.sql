SELECT count(*) FILTER (WHERE s.form_id IS NULL) AS missing,
       count(*) FILTER (WHERE j.form_id IS NULL) AS strange,
       count(*) FILTER (WHERE j.in_conflict <> s.in_conflict) AS other
  FROM judged_correction AS j
  FULL JOIN {stored} AS s ON (s.form_id, s.person_id, s.field_group) = (j.form_id, j.person_id, j.field_group)
