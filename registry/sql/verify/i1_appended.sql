-- Judgements of a form are numbered 0, 1, 2, … in the order of the loads after which they were made.
SELECT 'judgement' AS place,
       count(*) FILTER (WHERE judgements <> last_no + 1 OR first_no <> 0) AS "forms have gaps in the numbers of their judgements"
  FROM (SELECT form_id, count(*) AS judgements, max(judged_no) AS last_no, min(judged_no) AS first_no
          FROM store.judgement GROUP BY form_id)
