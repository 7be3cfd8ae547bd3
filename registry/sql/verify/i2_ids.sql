-- A person is called after one of its forms and that one's night. As long as the nights were worked in their order
-- that is its first form.
WITH called AS (
    SELECT person_id,
           strftime(night, '%Y%m%d') || '-' || form_id[1:4] || '-' || form_id[5:8] || '-' || form_id[9:12] || '-'
           || form_id[13:24] AS form_name
      FROM archive.member
), least AS (
    SELECT person_id, min(form_name) AS first_name, bool_or(form_name = person_id) AS is_own FROM called GROUP BY person_id
)
SELECT 'person, person_id' AS place,
       count(*) FILTER (WHERE NOT is_own) AS "persons are called after no form of theirs",
       count(*) FILTER (WHERE is_own AND person_id <> first_name AND in_order) AS "persons are not called after their first form"
  FROM least,
       (SELECT coalesce(bool_and(in_order), true) AS in_order
          FROM (SELECT business_date >= lag(business_date, 1, business_date) OVER (ORDER BY load_no) AS in_order
                  FROM store.load))
