-- Dossiers that clash with others of the load or with cards of their persons; those that clash with none are left out.
CREATE TABLE beside AS
WITH numbers AS (
    -- numbers that one station used for dossiers of different content
    SELECT number FROM asked WHERE number IS NOT NULL GROUP BY number HAVING min(content) <> max(content)
), firsts AS (
    -- of persons with several dossiers in the load the one that was captured first
    SELECT person_id, arg_min(dossier_id, (captured_at IS NULL, captured_at, dossier_id)) AS dossier_id
      FROM asked WHERE person_id IS NOT NULL
     GROUP BY person_id HAVING min(dossier_id) <> max(dossier_id)
), clashes AS (
    SELECT file_no, row_no, TRUE AS twice, FALSE AS again, 0 AS live, 0 AS delivered FROM asked SEMI JOIN numbers USING (number)
     UNION ALL
    SELECT a.file_no, a.row_no, FALSE, TRUE, 0, 0
      FROM asked AS a JOIN firsts AS f ON f.person_id = a.person_id AND f.dossier_id <> a.dossier_id
     UNION ALL
    SELECT a.file_no, a.row_no, FALSE, FALSE, (NOT c.ended)::INT, c.delivered::INT
      FROM asked AS a JOIN cards AS c ON c.person_id = a.person_id AND c.dossier_id <> a.dossier_id
)
SELECT file_no, row_no, bool_or(twice) AS twice, bool_or(again) AS again, sum(live)::INT AS live, sum(delivered)::INT AS delivered
  FROM clashes
 GROUP BY file_no, row_no
