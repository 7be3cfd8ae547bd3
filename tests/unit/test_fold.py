"""A person is a fold, and the fold is a maximum: with its conflicts, whatever the order and the repetition."""

import datetime as dt
import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.persons import FORM_BITS, FORM_MASK
from tests.factories import standard_form
from tests.unit.folding import PERSON, fold, fold_each, join, join_each


def test_the_stamp_names_the_form() -> None:
    later = standard_form(phone="0900000002", stated_on=dt.date(2021, 6, 1))
    (person,) = fold([later, standard_form(phone="0900000001", stated_on=dt.date(2021, 5, 31))])
    assert person["phone"] == "0900000002"
    assert person["phone_stamp"] & FORM_MASK == int(later["form_id"], 16) >> (128 - FORM_BITS)


def test_an_address_is_never_put_to_another_commune() -> None:
    moved = standard_form(permanent_place="26068", permanent_address=None, stated_on=dt.date(2021, 6, 1))
    (person,) = fold([moved, standard_form(permanent_place="26050", permanent_address="Số 1")])
    assert (person["permanent_place"], person["permanent_address"]) == ("26068", None)


def test_forms_of_different_persons_stay_apart() -> None:
    other = "20210630-0000-0000-0000-000000000002"
    persons = fold([standard_form(), {**standard_form(sex="F"), "person_id": other}])
    assert [(person["person_id"], person["sex"]) for person in persons] == [(PERSON, "M"), (other, "F")]


# -- what a movement changes ---------------------------------------------------------------------------

HOME = standard_form(permanent_place="26050", permanent_address="Số 1", phone="0900000001", spouse_name="LÊ THỊ MẪU")


def test_a_movement_states_only_what_it_changes() -> None:
    moved = standard_form(
        full_name="NGUYỄN VĂN MẤU", permanent_place="26068", phone="0900000002", stated_on=dt.date(2021, 6, 1)
    )
    (person,) = fold([HOME, {**moved, "changes": "permanent"}])
    assert (person["permanent_place"], person["permanent_address"]) == ("26068", None)
    assert (person["full_name"], person["phone"]) == ("NGUYỄN VĂN MẪU", "0900000001")


def test_a_movement_clears_what_it_changes_and_leaves_empty() -> None:
    widowed = standard_form(stated_on=dt.date(2021, 6, 1))
    (person,) = fold([HOME, {**widowed, "changes": "phone;spouse"}])
    assert (person["spouse_name"], person["phone"], person["permanent_place"]) == (None, None, "26050")
    assert person["spouse_stamp"] & FORM_MASK == int(widowed["form_id"], 16) >> (128 - FORM_BITS)
    (again,) = fold([standard_form(spouse_name="TRẦN THỊ MẪU", stated_on=dt.date(2021, 7, 1))], persons=[person])
    assert (again["spouse_name"], again["phone"]) == ("TRẦN THỊ MẪU", None)


def test_a_group_is_not_taken_for_another_whose_name_it_ends_with() -> None:
    named = standard_form(full_name="NGUYỄN VĂN MẤU", other_name="BA", stated_on=dt.date(2021, 6, 1))
    (person,) = fold([HOME, {**named, "changes": "other_name"}])
    assert (person["full_name"], person["other_name"]) == ("NGUYỄN VĂN MẪU", "BA")


# -- conflicts -----------------------------------------------------------------------------------------

BIRTHS = [
    {"birth_date": birth, "trust": trust} for birth, trust in (("1960", 12), ("1960-05-17", 10), ("1961-01-01", 9))
]


@pytest.mark.parametrize("order", list(itertools.permutations(BIRTHS)))
def test_a_year_of_the_most_trusted_source_hides_no_conflict_of_others(order: tuple[dict[str, Any], ...]) -> None:
    first, second, third = fold_each([standard_form(**form)] for form in order)
    assert join(join(first, second), third)["conflicts"] == join(first, join(second, third))["conflicts"] == 2
    assert join(first, second, third)["birth_date"] == "1960"


STATEMENTS = st.fixed_dictionaries(
    {
        "full_name": st.sampled_from([None, "TRẦN THỊ ĐÀO", "TRẦN THỊ ĐẠO", "TRAN THI DAO"]),
        "sex": st.sampled_from([None, "M", "F"]),
        "birth_date": st.sampled_from([None, "1960", "1960-05", "1960-05-17", "1960-05-18"]),
        "origin_place": st.sampled_from([None, "26050", "26068"]),
        "permanent_place": st.sampled_from([None, "26050", "26068"]),
        "permanent_address": st.sampled_from([None, "Số 1"]),
        "father_name": st.sampled_from([None, "CHA"]),
        "father_id": st.sampled_from([None, "1"]),
        "phone": st.sampled_from([None, "0900000001"]),
        "stated_on": st.dates(dt.date(2019, 1, 1), dt.date(2021, 1, 1)),
        "trust": st.integers(0, 15),
        "changes": st.sampled_from([None, None, "birth;phone", "permanent", "name;sex;origin;father"]),
    }
)


def forms_of(statements: list[dict[str, Any]]) -> list[dict[str, Any]]:
    day = dt.date(2021, 1, 1)
    return [standard_form(**{**said, "origin_place_from": said["origin_place"] and day}) for said in statements]


def several(statements: st.SearchStrategy[Any]) -> st.SearchStrategy[list[list[dict[str, Any]]]]:
    """What is said of each of several persons: a query takes as long for four of them as for one."""
    return st.lists(statements, min_size=4, max_size=4)


@settings(max_examples=5, deadline=None)
@given(several(st.lists(STATEMENTS, min_size=1, max_size=3)))
def test_order_and_repetition_change_nothing(said: list[list[dict[str, Any]]]) -> None:
    groups = [forms_of(statements) for statements in said]
    expected = fold_each(groups)
    others = [
        (person, forms)
        for person, group in zip(expected, groups, strict=True)
        for forms in (*itertools.permutations(group), [*group, *group])
    ]
    assert fold_each(forms for _, forms in others) == [person for person, _ in others]
    assert fold_each(groups, persons=expected) == expected


@settings(max_examples=5, deadline=None)
@given(several(st.lists(STATEMENTS, min_size=3, max_size=3)))
def test_parts_that_are_folded_and_joined_make_what_all_forms_make(said: list[list[dict[str, Any]]]) -> None:
    groups = [forms_of(statements) for statements in said]
    expected = fold_each(groups)
    first, second, third = (fold_each([group[place]] for group in groups) for place in range(3))
    two, others = join_each(zip(first, second, strict=True)), join_each(zip(second, third, strict=True))
    assert join_each(zip(second, first, strict=True)) == two
    assert join_each(zip(two, third, strict=True)) == join_each(zip(first, others, strict=True)) == expected
    assert join_each(zip(expected, first, strict=True)) == join_each(zip(expected, expected, strict=True)) == expected
    assert fold_each((group[1:] for group in groups), persons=first) == expected


FULL = {
    "name": ("full_name", lambda name: not name.isascii()),
    "birth": ("birth_date", lambda birth: len(birth) == len("yyyy-mm-dd")),
    "sex": ("sex", bool),
    "origin": ("origin_place", bool),
}


@settings(max_examples=10, deadline=None)
@given(several(st.lists(STATEMENTS, min_size=1, max_size=5)))
def test_a_conflict_is_two_different_full_values_of_trusted_sources(said: list[list[dict[str, Any]]]) -> None:
    persons = fold_each(map(forms_of, said))
    assert [person["conflicts"] for person in persons] == [expected_conflicts(statements) for statements in said]


def expected_conflicts(statements: list[dict[str, Any]]) -> int:
    expected = 0
    for bit, (group, (column, is_full)) in enumerate(FULL.items()):
        told = [said for said in statements if said["changes"] is None or group in said["changes"].split(";")]
        values = {said[column] for said in told if said["trust"] >= 9 and said[column] and is_full(said[column])}
        expected |= (len(values) > 1) << bit
    return expected
