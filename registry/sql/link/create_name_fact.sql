-- What there is to know of each name: how common it is (the product of how common its words are in their places; a
-- word that the model does not know is as rare as the rarest that it does), and hashes of it in any order of its words,
-- of its first word and of its last. `odd`: a word of it is unknown to the model, so it may be a slip.
CREATE OR REPLACE TEMP TABLE name_fact AS
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
), common AS (
    -- In the order of the words: a sum in another order may differ in its last bit.
    SELECT name_key, greatest(exp(sum(ln(share) ORDER BY spot)), {rarest_name}) AS share,
           max(share) FILTER (WHERE spot = 1) AS first_share, max(share) FILTER (WHERE spot = words) AS given_share,
           min(share) <= {rarest_word} AS odd
      FROM shared
     GROUP BY name_key
)
SELECT *,
       hash_of_text(array_to_string(list_sort(string_split(name_key, ' ')), ' ')) AS hash,
       hash_of_text(split_part(name_key, ' ', 1)) AS first_hash,
       hash_of_text(split_part(name_key, ' ', -1)) AS given_hash
  FROM common
