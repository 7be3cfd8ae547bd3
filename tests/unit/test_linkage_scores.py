"""What pairs of forms weigh: one small story each."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.linkage.scores import score_candidates
from tests.unit.compared_forms import OTHER_COMMUNE, Form, every_pair_of, model, person, weight

MATCH, REVIEW = model().match_weight, model().review_weight
#: A number is known on one side only, and the home is another: what most movers look like.
MOVED: dict[str, str | None] = {"pid": None, "permanent_place": OTHER_COMMUNE, "permanent_address": "7/2, tổ 21, ấp 1"}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"full_name": "NGUYEN VAN HUNG"}, id="name without accents"),
        pytest.param({"full_name": "HÙNG NGUYỄN VĂN"}, id="name in another order"),
        pytest.param({"full_name": "NGUYỄN HÙNG"}, id="middle name missing"),
        pytest.param({"full_name": "NGUYỄN VĂN HUNGG"}, id="a letter too many"),
        pytest.param({"full_name": "LÊ MINH", "other_name": "NGUYỄN VĂN HÙNG"}, id="other name"),
        pytest.param({"birth_date": "1990"}, id="only the year is known"),
        pytest.param({"birth_date": "1990-02"}, id="only the month is known"),
        pytest.param({"birth_date": "1990-02-18"}, id="one digit of the date"),
        pytest.param({"father_name": None}, id="father unknown"),
        pytest.param({"mother_name": "TRẦN THỊ LANN"}, id="a letter of the mother's name"),
        pytest.param({"sex": None}, id="sex unknown"),
    ],
)
def test_a_person_who_moved_is_known_again(change: dict[str, str | None]) -> None:
    assert weight(person(), person(**MOVED, **change)) >= MATCH


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"pid": "075090001243"}, id="two digits swapped"),
        pytest.param({"pid": "075090001235"}, id="one digit"),
        pytest.param({"birth_date": "1990-12-02"}, id="a date that was mistyped"),
        pytest.param({"full_name": "PHẠM THU"}, id="another name, the same number and kin"),
    ],
)
def test_one_slip_is_outweighed(change: dict[str, str | None]) -> None:
    assert weight(person(), person(**change)) >= MATCH


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


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_FORMS, min_size=2, max_size=6))
def test_a_pair_weighs_the_same_from_both_sides(forms: list[Form]) -> None:
    there, back = (_weights(order) for order in (forms, forms[::-1]))
    count = len(forms)
    assert there == {(count - 1 - last, count - 1 - first): found for (first, last), found in back.items()}


def _weights(forms: list[Form]) -> dict[tuple[int, int], tuple[float, list[float]]]:
    connection = every_pair_of(forms)
    score_candidates(connection, model())
    rows = connection.execute(
        "SELECT a.row_no, b.row_no, weight, parts FROM scored"
        " JOIN compared AS a ON a.node = l JOIN compared AS b ON b.node = r"
    ).fetchall()
    return {(min(one, other), max(one, other)): (found, parts) for one, other, found, parts in rows}
