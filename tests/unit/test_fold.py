"""A person is a fold, and the fold is a maximum."""

import datetime as dt
import itertools
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.fold import connect, fold_forms
from registry.persons import FORM_BITS, FORM_MASK, PERSON_COLUMNS
from tests.factories import standard_form, standard_table

PERSON = "20210630-0000-0000-0000-000000000001"


def fold(forms: list[dict[str, Any]], *, trust: int = 6) -> list[dict[str, Any]]:
    """The persons that the forms make; a form may say its own `trust` and `person_id`."""
    table = standard_table(forms)
    table = table.append_column("person_id", [[form.get("person_id", PERSON) for form in forms]])
    table = table.append_column("changes", pa.array([form.get("changes") for form in forms], pa.string()))
    table = table.append_column("trust", [[form.get("trust", trust) for form in forms]])
    with connect() as local:
        local.register("forms", table)
        folded = fold_forms(forms="forms")
        return (
            local.execute(f"SELECT {', '.join(PERSON_COLUMNS)} FROM ({folded}) ORDER BY person_id")
            .to_arrow_table()
            .to_pylist()
        )


def test_a_trusted_source_beats_a_later_day() -> None:
    trusted = standard_form(sex="F", stated_on=dt.date(2010, 1, 1))
    (person,) = fold([{**trusted, "trust": 12}, {**standard_form(sex="M"), "trust": 6}])
    assert person["sex"] == "F"


def test_a_full_date_beats_a_later_year_and_accents_beat_none() -> None:
    full = standard_form(stated_on=dt.date(2010, 1, 1), birth_date="1960-05-17", full_name="TRẦN THỊ ĐÀO")
    (person,) = fold([full, standard_form(birth_date="1960", full_name="TRAN THI DAO")])
    assert (person["birth_date"], person["full_name"]) == ("1960-05-17", "TRẦN THỊ ĐÀO")


def test_the_later_day_wins_between_equals_and_the_stamp_names_the_form() -> None:
    later = standard_form(phone="0900000002", stated_on=dt.date(2021, 6, 1))
    (person,) = fold([later, standard_form(phone="0900000001", stated_on=dt.date(2021, 5, 31))])
    assert person["phone"] == "0900000002"
    assert person["phone_stamp"] & FORM_MASK == int(later["form_id"], 16) >> (128 - FORM_BITS)


def test_an_address_is_never_put_to_another_commune() -> None:
    moved = standard_form(permanent_place="26068", permanent_address=None, stated_on=dt.date(2021, 6, 1))
    (person,) = fold([moved, standard_form(permanent_place="26050", permanent_address=None)])
    assert (person["permanent_place"], person["permanent_address"]) == ("26068", None)


def test_forms_of_different_persons_stay_apart() -> None:
    other = "20210630-0000-0000-0000-000000000002"
    persons = fold([standard_form(), {**standard_form(sex="F"), "person_id": other}])
    assert [(person["person_id"], person["sex"]) for person in persons] == [(PERSON, "M"), (other, "F")]


VALUES = st.fixed_dictionaries(
    {
        "sex": st.sampled_from([None, "M", "F"]),
        "birth_date": st.sampled_from([None, "1960", "1960-05", "1960-05-17"]),
        "father_name": st.sampled_from([None, "CHA"]),
        "father_id": st.sampled_from([None, "1"]),
        "stated_on": st.dates(dt.date(2019, 1, 1), dt.date(2021, 1, 1)),
        "trust": st.integers(0, 15),
    }
)


@settings(max_examples=15, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=3))
def test_order_and_repetition_change_nothing(forms: list[dict[str, Any]]) -> None:
    named = [standard_form(**form) for form in forms]
    expected = fold(named)
    assert all(fold(list(order)) == expected for order in itertools.permutations(named))
    assert fold([*named, *named]) == expected
