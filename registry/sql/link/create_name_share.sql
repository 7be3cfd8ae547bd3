-- How common each name is: the product of how common its words are in their places. A word that the model does not
-- know is as rare as the rarest that it does.
CREATE TEMP TABLE name_share AS
WITH name AS (
    SELECT DISTINCT unnest([full_name_key, father_name_key, mother_name_key]) AS name_key FROM {forms}
), word AS (
    SELECT name_key, unnest(string_split(name_key, ' ')) AS word,
           generate_subscripts(string_split(name_key, ' '), 1) AS spot, len(string_split(name_key, ' ')) AS words
      FROM name
     WHERE name_key IS NOT NULL
), shared AS (
    SELECT name_key, spot, words,
           greatest(coalesce(CASE WHEN spot = 1 THEN w.first WHEN spot = words THEN w.last ELSE w.middle END, 0),
                    {rarest_word}) AS share
      FROM word LEFT JOIN word_share AS w USING (word)
)
SELECT name_key, greatest(exp(sum(ln(share) ORDER BY spot)), {rarest_name}) AS share,
       max(share) FILTER (WHERE spot = 1) AS first_share, max(share) FILTER (WHERE spot = words) AS given_share
  FROM shared
 GROUP BY name_key
