-- What each reviewer said last of each state of these cases, in the order in which it was said.
SELECT case_id, fingerprint, verdict, reviewer
  FROM (SELECT DISTINCT ON (case_id, fingerprint, lower(reviewer)) case_id, fingerprint, verdict, reviewer, opinion_no
          FROM opinion
         WHERE case_id = ANY(CAST(:cases AS text[]))
         ORDER BY case_id, fingerprint, lower(reviewer), opinion_no DESC) AS last
 ORDER BY opinion_no
