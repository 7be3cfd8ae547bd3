"""How long a card is good for, beside the rule said plainly, one card at a time."""

import calendar
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from registry.cards.validity import expires_on
from registry.errors import PlatformError

DAYS = st.dates(date(1900, 1, 1), date(2090, 12, 31))


def moved(day: date, years: int) -> date:
    """The same day in another year, or the last of February."""
    year = day.year + years
    leap_day = (day.month, day.day) == (2, 29)
    return date(year, 2, 28) if leap_day and not calendar.isleap(year) else day.replace(year=year)


def plainly(birth: date, issued: date) -> date | None:
    """The rule as the law says it: replaced at 14, 25, 40, 60; good until the next one if issued two years before."""
    to_come = [moved(birth, age) for age in (14, 25, 40, 60) if moved(birth, age) > issued]
    if to_come and issued >= moved(to_come[0], -2):
        to_come = to_come[1:]
    return to_come[0] if to_come else None


def until(birth: date | None, issued: date | None) -> date | None:
    return expires_on(pa.array([birth], pa.date32()), pa.array([issued], pa.date32()))[0].as_py()


@pytest.mark.parametrize(
    ("birth", "issued", "good_until"),
    [
        ("2015-05-10", "2024-07-01", "2029-05-10"),  # a child of nine
        ("2012-05-10", "2024-07-01", "2037-05-10"),  # twelve: past fourteen
        ("2007-05-10", "2021-06-30", "2032-05-10"),  # just fourteen
        ("1996-05-10", "2021-05-10", "2036-05-10"),  # the very day of twenty-five
        ("1998-05-10", "2021-05-09", "2023-05-10"),  # the day before the two years begin
        ("1998-05-10", "2021-05-10", "2038-05-10"),  # the day on which they begin
        ("1962-06-30", "2021-06-30", None),  # fifty-nine: for life
        ("1950-01-01", "2021-06-30", None),
        ("2000-02-29", "2021-06-30", "2025-02-28"),
        ("1984-02-29", "2021-06-30", "2024-02-29"),
        ("2000-02-29", "2023-02-28", "2040-02-29"),
        ("2021-06-30", "2021-06-30", "2035-06-30"),
    ],
)
def test_cards_of_all_ages(birth: str, issued: str, good_until: str | None) -> None:
    assert until(date.fromisoformat(birth), date.fromisoformat(issued)) == (
        date.fromisoformat(good_until) if good_until else None
    )


@settings(deadline=None)
@given(st.lists(st.tuples(DAYS, DAYS).map(sorted), max_size=30))
@example([[date(2000, 2, 29), date(2012, 2, 28)], [date(2000, 2, 29), date(2012, 2, 29)]])
@example([[date(1980, 2, 29), date(2018, 2, 28)], [date(1980, 2, 29), date(2038, 2, 28)]])
def test_the_rule_said_plainly_says_the_same(pairs: list[list[date]]) -> None:
    births, issued = (pa.array([pair[place] for pair in pairs], pa.date32()) for place in range(2))
    assert expires_on(births, issued).to_pylist() == [plainly(*pair) for pair in pairs]


@settings(deadline=None)
@given(DAYS, st.integers(0, 36_500))
def test_a_later_card_is_never_good_for_less(birth: date, age: int) -> None:
    issued = date.fromordinal(birth.toordinal() + age)
    first, later = (until(birth, day) for day in (issued, date.fromordinal(issued.toordinal() + 1)))
    assert first is None or first > issued
    assert later is None or (first is not None and first <= later)


@pytest.mark.parametrize(
    ("birth", "issued"), [(None, date(2021, 6, 30)), (date(2000, 1, 1), None), (date(2021, 7, 1), date(2021, 6, 30))]
)
def test_days_that_cannot_be_are_refused(birth: date | None, issued: date | None) -> None:
    with pytest.raises(PlatformError, match=r"1 of 1 cards cannot be printed: .* \(row 0 first"):
        until(birth, issued)
