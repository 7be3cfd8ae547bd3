-- All forms of the persons of whom a correction is stated.
CREATE OR REPLACE TEMP TABLE form_with_correction AS
FROM {forms} SEMI JOIN stated_correction USING (person_id)
