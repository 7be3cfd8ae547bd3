-- Where trusted sources may not disagree, see config/survivorship.csv.
ALTER TABLE person ADD COLUMN name_witness bigint;
ALTER TABLE person ADD COLUMN birth_witness bigint;
ALTER TABLE person ADD COLUMN sex_witness bigint;
ALTER TABLE person ADD COLUMN origin_witness bigint;
ALTER TABLE person ADD COLUMN conflicts smallint NOT NULL DEFAULT 0; -- where trusted sources differ: 1 name, 2 birth date, 4 sex, 8 origin
