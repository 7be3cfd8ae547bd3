-- A person of before whose forms lie in two parts now makes both of them persons that are folded afresh.
CREATE TEMP TABLE parted AS
SELECT DISTINCT person_id
  FROM placed
  SEMI JOIN (SELECT before FROM placed WHERE before IS NOT NULL GROUP BY before HAVING min(label) <> max(label)) USING (before)
