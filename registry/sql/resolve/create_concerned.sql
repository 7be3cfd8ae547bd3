-- Forms of which to ask; the forms of the persons found so far, and the pairs in which these come first.
CREATE TEMP TABLE hit (form_id uuid NOT NULL) ON COMMIT DROP;
CREATE TEMP TABLE concerned_form (
    form_id uuid NOT NULL, person_id uuid NOT NULL, number bigint, number_holds boolean, known_number bigint, name bigint,
    register bigint, member bigint
) ON COMMIT DROP;
CREATE TEMP TABLE concerned_pair (form_a uuid NOT NULL, form_b uuid NOT NULL, weight real, apart boolean) ON COMMIT DROP
