-- The person's forms in the order in which they came, each with the judgement that brought it here first.
SELECT replace(m.form_id::text, '-', '') AS form_id, f.sender, f.name AS file, m.row_no, r.form_no,
       r.outcome::text AS outcome, m.rule, round(m.weight::numeric, 1)::float8 AS weight, r.rules AS marked,
       l.business_date AS night, m.load_no, l.load_id, f.file_no, m.first_person_id::text AS judged_as
  FROM (SELECT DISTINCT form_id FROM judgement WHERE person_id = CAST(:id AS uuid)) AS j
  JOIN membership AS m USING (form_id)
  LEFT JOIN file AS f USING (file_id)
  LEFT JOIN received_row AS r USING (file_id, row_no)
  LEFT JOIN load AS l ON l.load_no = m.load_no
 WHERE m.person_id = CAST(:id AS uuid)
 ORDER BY m.load_no, f.sender, f.name, m.row_no
