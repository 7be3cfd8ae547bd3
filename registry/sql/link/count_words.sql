-- The share of names in which a word stands first, in between and last.
WITH name AS (
    SELECT name_key, count(*) OVER () AS names FROM evidence WHERE name_key IS NOT NULL
), word AS (
    SELECT names, unnest(string_split(name_key, ' ')) AS word,
           generate_subscripts(string_split(name_key, ' '), 1) AS spot, len(string_split(name_key, ' ')) AS words
      FROM name
), counted AS (
    SELECT word, count(*) AS times,
           round(count(*) FILTER (spot = 1) / max(names), 6) AS first,
           round(count(*) FILTER (spot > 1 AND spot < words) / max(names), 6) AS middle,
           round(count(*) FILTER (spot > 1 AND spot = words) / max(names), 6) AS last
      FROM word
     GROUP BY word
    HAVING count(*) >= {fewest}
), every AS (
    SELECT word, first, middle, last FROM counted
    UNION ALL
    SELECT word, first, middle, last FROM words_before ANTI JOIN counted USING (word)
)
SELECT word, first, middle, last FROM every ORDER BY first + middle + last DESC, word
