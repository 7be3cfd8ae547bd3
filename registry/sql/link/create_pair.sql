-- Pairs worth keeping, under the names of their forms. Plainly apart: two rows of one household register that are two
-- members and do not state one number, which one of them must have by mistake; two numbers that hold and are no slip of
-- each other (of one name), unless all else says that they are one person.
CREATE TEMP TABLE pair AS
SELECT least(a.form_id, b.form_id) AS form_a, greatest(a.form_id, b.form_id) AS form_b, s.weight::REAL AS weight, s.parts,
       coalesce(a.leaf = b.leaf, false) AND a.file_no = b.file_no AND a.file IS NOT DISTINCT FROM b.file
       AND (a.name_key IS DISTINCT FROM b.name_key OR a.birth IS DISTINCT FROM b.birth)
       AND NOT coalesce(a.pid = b.pid, false)
       -- a CASE, so that slips are counted only where it depends on them
       OR CASE WHEN a.number <> b.number AND s.weight < {match_weight}
               THEN NOT (damerau_levenshtein(a.pid, b.pid) <= 1 AND coalesce(a.name_key = b.name_key, false))
               ELSE false END AS apart
  FROM scored AS s
  JOIN bound AS a ON a.node = s.l
  JOIN bound AS b ON b.node = s.r
 WHERE s.weight >= {review_weight} OR a.pid = b.pid OR a.pid = b.known_pid OR a.known_pid = b.pid
-- A form may have been compared in two likenesses, see registry.linkage.allocated.
QUALIFY row_number() OVER (PARTITION BY form_a, form_b ORDER BY s.weight DESC) = 1
