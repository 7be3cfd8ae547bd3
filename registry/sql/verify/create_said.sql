-- What the accepted forms of those who were given a number say of their birth.
CREATE TEMP TABLE said AS
SELECT n.number, s.sex, s.birth_date, s.birth_registration_place AS place, s.birth_registration_place_from AS place_from
  FROM read_parquet({paths}, filename = 'path', union_by_name = true) AS s
  JOIN loads USING (path)
  JOIN read_parquet('{folder}/member.parquet') AS m USING (load_no, file_no, row_no)
  JOIN read_parquet('{folder}/allocated.parquet') AS n USING (person_id)
