-- label → person_id. Each person of before is claimed by the part that has most of its forms (of two as large, by the one
-- that has its first form). A part is called by the oldest id that it claims. A part that claims none is called as it
-- was before it was tied, or after its first form. A new form takes a name over in the person's own first night only.
CREATE TEMP TABLE named AS
WITH part AS (
    SELECT label, person_id, count(*) AS forms, min(form_id) AS first_form,
           bool_or(replace(person_id, '-', '')[9:] = form_id[:24]) AS has_founder
      FROM labelled
     WHERE person_id IS NOT NULL
     GROUP BY label, person_id
), claim AS (
    SELECT label, person_id
      FROM part
   QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY forms DESC, has_founder DESC, first_form) = 1
), old AS (
    SELECT label, min(person_id) AS person_id FROM claim GROUP BY label
), again AS (
    SELECT label, min(old_id) AS person_id
      FROM labelled JOIN retired ON replace(old_id, '-', '')[9:] = form_id[:24]
     GROUP BY label
), fresh AS (
    SELECT label, min(form_id) AS founder, founded_by(founder) AS person_id,
           founded_by(min(form_id) FILTER (WHERE labelled.person_id IS NULL)) AS new_id
      FROM labelled
     GROUP BY label
)
SELECT label,
       CASE WHEN old.person_id IS NULL THEN coalesce(again.person_id, fresh.person_id)
            WHEN fresh.new_id < old.person_id AND left(old.person_id, 8) = left(fresh.new_id, 8) THEN fresh.new_id
            ELSE old.person_id END AS person_id,
       CASE WHEN old.person_id IS NULL AND again.person_id IS NULL THEN founder END AS founder
  FROM fresh LEFT JOIN old USING (label) LEFT JOIN again USING (label)
