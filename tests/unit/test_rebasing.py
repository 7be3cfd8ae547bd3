"""Counts that were stated under the codes of one day, in the units of another."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from registry.places import BEGINNING, NATION, Gazetteer, Rebasing

GAZETTEER = Gazetteer.open(Path(config.__file__).parent / "places")
FIRST_DAYS = [BEGINNING, date(2025, 3, 12), date(2025, 7, 1)]
IN_2021, IN_APRIL_2025, IN_2026 = range(3)
TO = [Rebasing(GAZETTEER, state) for state in range(3)]

COMMUNES = [
    (unit.code, FIRST_DAYS[number])
    for number, state in enumerate(GAZETTEER.states)
    for unit in state.units.values()
    if unit.level == "commune"
]
stated_counts = st.dictionaries(st.sampled_from(COMMUNES), st.integers(0, 10**6), max_size=40)
states = st.integers(0, 2)


def rolled(counts: Mapping[tuple[str, date], int], state: int) -> Counter[str]:
    total: Counter[str] = Counter()
    for (code, day), count in counts.items():
        for above in TO[state].within(TO[state].holder(code, day)):
            total[above] += count
    return total


@given(stated_counts, states)
def test_nothing_is_lost_or_doubled_in_the_units_of_any_day(counts: dict[tuple[str, date], int], state: int) -> None:
    assert rolled(counts, state)[NATION] == sum(counts.values())


@given(stated_counts, states)
def test_a_unit_has_at_least_what_its_parts_have(counts: dict[tuple[str, date], int], state: int) -> None:
    total = rolled(counts, state)
    parts: Counter[str] = Counter()
    for code in total.keys() - {NATION}:
        parts[TO[state].within(code)[1]] += total[code]
    assert all(total[unit] >= count for unit, count in parts.items())


@given(st.sampled_from(COMMUNES))
def test_where_it_is_counted_holds_all_that_it_may_be(commune: tuple[str, date]) -> None:
    found = GAZETTEER.standing(*commune)
    assert found
    holder = TO[IN_2026].holder(*commune)
    after = GAZETTEER.successors(commune[0], found[1].valid_from)
    assert all(holder in TO[IN_2026].within(one.unit.code) for one in after)


@given(st.sampled_from([row for row in COMMUNES if row[1] == BEGINNING]))
def test_communes_that_went_whole_into_one_are_counted_there(commune: tuple[str, date]) -> None:
    after = GAZETTEER.successors(*commune)
    if len(after) == 1:
        assert TO[IN_2026].holder(*commune) == after[0].unit.code


def test_a_merger_keeps_the_sum() -> None:
    # Bửu Hòa, Tân Vạn and others are Phường Biên Hòa (26068) since the reform, Hóa An with them.
    joined = {
        (unit.code, BEGINNING): 1
        for unit in GAZETTEER.states[0].units.values()
        if unit.level == "commune" and TO[IN_2026].holder(unit.code, BEGINNING) == "26068"
    }
    assert ("26068", BEGINNING) in joined
    assert len(joined) > 1
    assert rolled(joined, IN_2026)["26068"] == len(joined)
    assert rolled({("26068", FIRST_DAYS[2]): 7}, IN_2021)["731"] == 7


def test_a_commune_that_was_divided_stays_with_the_province() -> None:
    # Xuân Tâm lies in Xuân Đông and in Xuân Hòa today, both in Đồng Nai.
    assert TO[IN_2026].holder("26449", BEGINNING) == "75"
    assert TO[IN_2021].holder("26449", BEGINNING) == "26449"


def test_a_commune_that_was_joined_without_a_trace_stays_with_its_district() -> None:
    gone = next(
        unit
        for unit in GAZETTEER.states[0].units.values()
        if unit.level == "commune"
        and unit.code not in GAZETTEER.states[1].units
        and unit.parent_code in GAZETTEER.states[1].units
    )
    assert TO[IN_APRIL_2025].holder(gone.code, BEGINNING) == gone.parent_code


def test_a_code_of_no_unit_counts_for_the_nation() -> None:
    assert TO[IN_2021].holder("", BEGINNING) == NATION
    assert TO[IN_2021].holder("99999", BEGINNING) == NATION


@pytest.mark.parametrize(
    ("code", "state", "shown", "whole"),
    [
        ("01", IN_2021, IN_2026, "01"),  # Hà Nội is the same province
        ("75", IN_2021, IN_2026, None),  # Đồng Nai is today Bình Phước as well
        ("75", IN_2026, IN_2021, None),
        ("731", IN_2021, IN_APRIL_2025, "731"),
        ("731", IN_2021, IN_2026, None),  # there are no districts today
        ("26068", IN_2021, IN_2026, None),  # the code is another unit's today
    ],
)
def test_a_unit_is_the_same_only_when_it_is_all_of_it(code: str, state: int, shown: int, whole: str | None) -> None:
    unit = GAZETTEER.states[state].units[code]
    assert TO[shown].whole(unit, state) == whole
