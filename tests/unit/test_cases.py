"""Cases: in which order they are looked at, whose they are, and what stands of what was said."""

import datetime as dt
import itertools
import random
from pathlib import Path

import pytest

from config.review import Stakes, stakes
from registry.cases import MEASURES, Case, Opinion, case_id_of, in_order, locality_of, reviewer_key, sides_in_order
from registry.places import BEGINNING
from registry.reference import Reference
from registry.review_sides import notes_in_words, reasons_in_words

DAY = dt.date(2021, 7, 1)
NOTHING = dict.fromkeys(MEASURES, 0)


def case(left: str, right: str, weight: float = 3.0, *, contested: int = 0, days: int = 0, **more: object) -> Case:
    values = {"parts": (), "pairs": 1, "is_unsure": False, **more}
    return Case(
        case_id=case_id_of((left, right)), fingerprint="now", persons=(min(left, right), max(left, right)),
        weight=weight, open_since=DAY - dt.timedelta(days=days), measures={**NOTHING, "contested": contested},
        **values,  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_case_is_called_by_its_two_persons_in_any_order() -> None:
    assert case_id_of(("b", "a")) == case_id_of(("a", "b")) != case_id_of(("a", "c"))
    assert len(case_id_of(("a", "b"))) == 16


def test_the_worst_first_a_contested_number_then_weight_then_age() -> None:
    contested, heavy = case("a", "b", -1.0, contested=1), case("c", "d", 5.6)
    older, younger, light = case("e", "f", 3.2, days=9), case("g", "h", 3.4), case("i", "j", 0.0, days=90)
    wanted = [contested, heavy, older, younger, light]
    for seed in range(5):
        assert in_order(random.Random(seed).sample(wanted, len(wanted))) == wanted


def test_the_candidates_of_one_person_are_kept_together_behind_its_worst() -> None:
    worst, between, mine, also_mine = case("a", "b", 5.0), case("c", "d", 4.0), case("a", "e", 1.0), case("f", "a", 3.0)
    assert in_order([mine, between, also_mine, worst]) == [worst, also_mine, mine, between]


def test_every_case_is_there_once_however_persons_hang_together() -> None:
    ring = [case(left, right) for left, right in itertools.combinations("abcdef", 2)]
    ordered = in_order(ring)
    assert sorted(one.case_id for one in ordered) == sorted(one.case_id for one in ring)


def test_the_person_that_cases_share_stands_on_the_left() -> None:
    cases = [case("a", "b"), case("b", "c"), case("d", "e")]
    assert [sides for _, sides in sides_in_order(cases)] == [("b", "a"), ("b", "c"), ("d", "e")]


def test_a_reviewer_is_known_by_the_name_however_it_is_typed() -> None:
    assert reviewer_key("  Nguyễn  Thị XÉT ") == reviewer_key("nguyễn thị xét") != reviewer_key("nguyễn thị xet")


def test_only_opinions_on_the_present_state_stand() -> None:
    said = (
        Opinion("x", "now", "same", "One"),
        Opinion("x", "before", "never", "Two"),
        Opinion("x", "now", "unsure", "Three"),
    )
    assert case("a", "b", opinions=said).standing == {"one": said[0]}


def test_stakes_are_reached_or_not() -> None:
    known = Stakes({"cards": 1, "forms": 20})
    assert known.of({**NOTHING, "forms": 19}) == ()
    assert known.of({**NOTHING, "forms": 20, "cards": 2}) == ("cards", "forms")


def test_every_stake_of_the_table_is_one_that_cases_measure_and_can_be_explained() -> None:
    assert set(stakes().least) <= set(MEASURES)
    vi, en = notes_in_words(case("a", "b"), tuple(stakes().least))
    assert vi.startswith("Cần hai người xét: ")
    assert en.count(",") == len(stakes().least) - 1


def test_the_reasons_say_the_heaviest_first_and_how_they_speak() -> None:
    vi, en = reasons_in_words(case("a", "b", 2.5, parts=(1.0, -8.0, 0.0, 9.5)), ("name", "birth", "sex", "brand-new"))
    assert en.split("\n") == [
        "In all: +2.5, for one person",
        "brand-new: +9.5, strongly for one person",
        "Birth date: -8.0, strongly against",
        "Name: +1.0, for one person",
    ]
    assert vi.split("\n")[2] == "Ngày sinh: -8.0, rất phản đối"


def test_what_was_said_before_is_noted_without_who_said_it() -> None:
    said = (Opinion("x", "now", "same", "One"), Opinion("x", "now", "never", "Two"))
    _, en = notes_in_words(case("a", "b", opinions=said, is_unsure=True), ())
    assert en == "Reviewers have disagreed.\nCould not be told before."


@pytest.fixture(scope="module")
def reference() -> Reference:
    return Reference.load(Path(__file__).parents[2] / "config")


def test_a_locality_is_its_communes_as_they_stand_and_stood(reference: Reference) -> None:
    commune, district, province = (locality_of(reference.gazetteer, code) for code in ("26050", "731", "75"))
    assert commune is not None
    assert district is not None
    assert province is not None
    assert ("26050", BEGINNING) in zip(commune.codes, commune.days, strict=True)
    assert set(commune.codes) < set(district.codes) < set(province.codes)
    assert {"731", "26050"} <= set(district.senders)
    assert "75" in province.senders
    assert locality_of(reference.gazetteer, "00000") is None


def test_a_commune_of_before_the_reform_lies_where_most_of_it_lies_today(reference: Reference) -> None:
    gazetteer = reference.gazetteer
    merged = next(unit for unit, until in gazetteer.facts() if unit.level == "commune" and until == dt.date(2025, 7, 1))
    today = next(after.unit.code for after in gazetteer.successors(merged.code, merged.valid_from) if after.is_default)
    found = locality_of(gazetteer, today)
    assert found is not None
    assert (merged.code, merged.valid_from) in zip(found.codes, found.days, strict=True)
