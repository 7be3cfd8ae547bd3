"""What pairs of forms weigh: one small story each."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from registry.linkage.bounds import most_weight
from registry.linkage.scores import score_candidates
from tests.unit.compared_forms import OTHER_COMMUNE, Form, every_pair_of, model, person, weight, weights

MATCH, REVIEW = model().match_weight, model().review_weight
#: A number is known on one side only, and the home is another: what most movers look like.
MOVED: dict[str, str | None] = {"pid": None, "permanent_place": OTHER_COMMUNE, "permanent_address": "7/2, tổ 21, ấp 1"}


MOVERS: dict[str, dict[str, str | None]] = {
    "nothing": {},
    "name without accents": {"full_name": "NGUYEN VAN HUNG"},
    "name in another order": {"full_name": "HÙNG NGUYỄN VĂN"},
    "middle name missing": {"full_name": "NGUYỄN HÙNG"},
    "a letter too many": {"full_name": "NGUYỄN VĂN HUNGG"},
    "other name": {"full_name": "LÊ MINH", "other_name": "NGUYỄN VĂN HÙNG"},
    "only the year is known": {"birth_date": "1990"},
    "only the month is known": {"birth_date": "1990-02"},
    "one digit of the date": {"birth_date": "1990-02-18"},
    "father unknown": {"father_name": None},
    "a letter of the mother's name": {"mother_name": "TRẦN THỊ LANN"},
    "sex unknown": {"sex": None},
}
SLIPS: dict[str, dict[str, str | None]] = {
    "two digits swapped": {"pid": "075090001243"},
    "one digit": {"pid": "075090001235"},
    "a date that was mistyped": {"birth_date": "1990-12-02"},
    "another name, the same number and kin": {"full_name": "PHẠM THU"},
}


@pytest.fixture(scope="module")
def beside_the_person() -> dict[str, float]:
    """What the person's form and each changed one weigh."""
    changed = {**{name: {**MOVED, **change} for name, change in MOVERS.items()}, **SLIPS}
    found = weights([person(), *(person(**change) for change in changed.values())])
    return {name: found[0, place] for place, name in enumerate(changed, 1)}


@pytest.mark.parametrize("change", MOVERS)
def test_a_person_who_moved_is_known_again(change: str, beside_the_person: dict[str, float]) -> None:
    assert beside_the_person[change] >= MATCH


@pytest.mark.parametrize("change", SLIPS)
def test_one_slip_is_outweighed(change: str, beside_the_person: dict[str, float]) -> None:
    assert beside_the_person[change] >= MATCH


def test_day_and_month_swapped_are_known_again() -> None:
    one = person(birth_date="1990-02-11")
    assert weight(one, person(**MOVED, birth_date="1990-11-02")) >= MATCH


def test_numbers_without_any_meaning_tie_nobody() -> None:
    one = {"full_name": "LÊ THỊ MAI", "birth_date": "1980-03-04", "pid": "000000000000"}
    other = {"full_name": "PHẠM VĂN TÂM", "birth_date": "1961-08-19", "pid": "000000000000"}
    assert weight(one, other) < REVIEW


def test_name_and_day_alone_do_not_say_who_it_is() -> None:
    stated = {"full_name": "NGUYỄN VĂN HÙNG", "birth_date": "1990-02-13", "sex": "M"}
    assert weight(stated, stated) < MATCH


def test_twins_do_not_match() -> None:
    assert weight(person(), person(full_name="NGUYỄN VĂN DŨNG", pid=None)) < MATCH
    assert weight(person(), person(**MOVED, full_name="NGUYỄN VĂN DŨNG")) < MATCH


def test_twins_whose_names_are_one_letter_apart_do_not_match() -> None:
    an, anh = person(full_name="NGUYỄN THỊ AN", sex="F"), person(full_name="NGUYỄN THỊ ANH", sex="F", pid=None)
    assert weight(an, anh) < MATCH


def test_children_of_one_name_born_in_other_years_do_not_match() -> None:
    assert weight(person(), person(birth_date="1994-09-27", pid=None)) < MATCH
    assert weight(person(), person(birth_date="1994", pid=None)) < MATCH


def test_father_and_son_of_one_name_do_not_match() -> None:
    father = person(birth_date="1962-07-04", father_name="NGUYỄN VĂN BA", mother_name="LÊ THỊ SÁU", pid=None)
    assert weight(person(), father) < MATCH


def test_brothers_do_not_match() -> None:
    assert weight(person(), person(full_name="NGUYỄN VĂN DŨNG", birth_date="1993-06-21", pid=None)) < REVIEW


def test_a_namesake_some_doors_away_whose_parents_have_other_names_does_not_match() -> None:
    neighbour = {"permanent_address": "Số 14, tổ 3, khu phố 4", "pid": None, "birth_date": "1990"}
    assert weight(person(), person(**neighbour, father_name="NGUYỄN MINH ĐỨC", mother_name="TRẦN THỊ LIÊN")) < REVIEW
    assert weight(person(), person(**neighbour, father_name="NGUYỄN MINH ĐỨC")) < MATCH
    assert weight(person(), person(**neighbour, father_name=None)) >= MATCH


def test_namesakes_of_a_people_with_few_names_do_not_match() -> None:
    family = {"full_name": "ĐIỂU HÙNG", "father_name": "ĐIỂU HÙNG", "mother_name": "THỔ THỊ RÊ"}
    elsewhere = {**MOVED, "origin_place": OTHER_COMMUNE, "birth_registration_place": OTHER_COMMUNE}
    assert weight(person(**family), person(**family, **elsewhere, birth_date="1990-10-09")) < MATCH
    assert weight(person(**family), person(**family, **MOVED)) >= MATCH


def test_neighbours_do_not_match() -> None:
    other = person(full_name="LÊ MINH TÂM", birth_date="1971-11-30", pid="075071004321", father_name="LÊ MINH TRÍ",
                   mother_name="PHẠM THỊ HOA", permanent_address="Số 13, tổ 3, khu phố 4")  # fmt: skip
    assert weight(person(), other) < REVIEW


_FORMS = st.fixed_dictionaries(
    {
        "full_name": st.sampled_from(
            ["NGUYỄN VĂN HÙNG", "NGUYEN VAN HUNG", "HÙNG VĂN", "XYLOPH QWERTZ", "QWERTZ", None]
        ),
        "birth_date": st.sampled_from(["1990-02-13", "1990-02", "1990", "1909-13-20", "1991-01-01", None]),
        "sex": st.sampled_from(["M", "F", None]),
        "pid": st.sampled_from(["075090001234", "075090001243", "5076412", "5076142", None]),
        "cmnd_no": st.sampled_from(["271234567", "271243567", None]),
        "father_name": st.sampled_from(["NGUYỄN VĂN CƯỜNG", "NGUYỄN CƯỜNG", "LÊ BA", None]),
        "mother_name": st.sampled_from(["TRẦN THỊ LAN", "TRẦN THỊ LANN", None]),
        "permanent_place": st.sampled_from(["25993", "KEW 3101 VIC", "KWE 3101 VIC", None]),
        "permanent_address": st.sampled_from(["12 MAIN STREET", "MAIN STREET 12", "12MAINSTREET", "Tổ 5", None]),
        "other_name": st.sampled_from(["NGUYỄN VĂN HÙNG", None]),
        "phone": st.sampled_from(["0912345678", "0987654321", None]),
        "spouse_name": st.sampled_from(["LÊ THỊ MAI", "LÊ THỊ MAY", None]),
        "household_no": st.sampled_from(["H1", None]),
    }
)


#: Many forms at once, since it is Splink's start that costs, and no shrinking for the same reason.
_MANY = st.lists(_FORMS, min_size=40, max_size=60)
_ALIKE = settings(
    max_examples=2,
    deadline=None,
    phases=(Phase.generate,),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@_ALIKE
@given(_MANY)
def test_a_pair_weighs_the_same_from_both_sides(forms: list[Form]) -> None:
    last = len(forms) - 1
    there, back = weights(forms), weights(forms[::-1])
    assert there == {(last - right, last - left): found for (left, right), found in back.items()}


@_ALIKE
@given(_MANY)
def test_no_pair_weighs_more_than_its_bound(forms: list[Form]) -> None:
    connection, found = every_pair_of(forms), weights(forms)
    bounds = connection.execute(
        f"SELECT l, r, {most_weight(model())} FROM candidate"
        " JOIN compared AS a ON a.node = l JOIN compared AS b ON b.node = r"
    ).fetchall()
    assert len(bounds) == len(found)
    assert all(found[left, right] <= most + 1e-6 for left, right, most in bounds)


def test_what_can_come_to_nothing_is_not_weighed_unless_a_number_is_shared() -> None:
    other = person(full_name="LÊ MINH TÂM", birth_date="1971-11-30", pid="075071004321", father_name="LÊ MINH TRÍ",
                   mother_name="PHẠM THỊ HOA", permanent_address="7/2, tổ 21, ấp 1")  # fmt: skip
    connection = every_pair_of([person(), other, {**other, "pid": person()["pid"], "birth_date": "1950-01-30"}])
    score_candidates(connection, model())
    assert (0, 1) not in connection.execute("SELECT l, r FROM scored").fetchall()
    assert (0, 2) in connection.execute("SELECT l, r FROM scored").fetchall()
