-- The province of each commune while there were three levels (until 30 June 2025): one row a commune code.
CREATE TEMP TABLE communes AS
SELECT commune.code, any_value(district.parent_code)::SMALLINT AS province
FROM units AS commune
JOIN units AS district ON district.level = 'district' AND district.code = commune.parent_code
WHERE commune.level = 'commune'
GROUP BY commune.code
