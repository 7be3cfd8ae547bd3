from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.dates import full_days, parse_date, parse_dates, parse_short_year, stated_dates
from registry.writing import TEXT, Cells

DAYS = st.dates(date(1000, 1, 1), date(9999, 12, 31))


@pytest.mark.parametrize(
    ("sent", "understood"),
    [
        ("17/05/1960", "1960-05-17"),
        ("7/5/1960", "1960-05-07"),
        ("7-5-1960", "1960-05-07"),
        ("07.05.1960", "1960-05-07"),
        ("1960-05-17", "1960-05-17"),
        ("1960-05-17 00:00:00", "1960-05-17"),
        ("1960-05-17T00:00:00.000", "1960-05-17"),
        ("05/1960", "1960-05"),
        ("5/1960", "1960-05"),
        ("1960-05", "1960-05"),
        ("05-1960", "1960-05"),
        ("5.1960", "1960-05"),
        ("ngày 17 tháng 5 năm 1960", "1960-05-17"),
        ("17 Tháng 05 Năm 1960", "1960-05-17"),
        ("tháng 5 năm 1960", "1960-05"),
        ("NĂM 1960", "1960"),
        ("1960", "1960"),
        ("１７/０５/１９６０", "1960-05-17"),
        ("29/02/2000", "2000-02-29"),
        ("29/02/1900", None),
        ("31/04/1960", None),
        ("17/13/1960", None),
        ("00/05/1960", None),
        ("13/1960", None),
        ("0000", None),
        ("17/5/60", None),
        ("5/60", None),
        ("60", None),
        ("ngày 31 tháng 4 năm 1960", None),
        ("Tết 1960", None),
        ("17/5-1960", None),
        ("1960-5-17", None),
        ("1960-05-17 07:00:00", None),
        ("22053", None),
        ("22053.0", None),
        ("now", None),
        ("infinity", None),
        ("không rõ", None),
        ("१९६०", None),
    ],
)
def test_a_date_is_understood_in_its_own_precision_or_not_at_all(sent: str, understood: str | None) -> None:
    assert parse_date(sent) == understood


@given(DAYS, st.sampled_from(["{d:%d/%m/}{y}", "{d.day}/{d.month}/{y}", "{d:%d.%m.}{y}", "{d:%d-%m-}{y}"]))
def test_every_day_is_understood_as_itself(day: date, written: str) -> None:
    assert parse_date(written.format(d=day, y=f"{day.year:04}")) == day.isoformat()


@given(st.text("0123456789/-. :T", max_size=20))
def test_what_is_understood_stands_in_the_text(text: str) -> None:
    understood = parse_date(text)
    if understood is not None:
        assert all(part in text or part.lstrip("0") in text for part in understood.split("-"))
        date.fromisoformat((understood + "-01-01")[:10] if len(understood) == 4 else (understood + "-01")[:10])


def test_only_whole_days_are_days() -> None:
    dates = parse_dates(pa.array(["1960", "5/1960", "17/05/1960", "?", None], TEXT))
    assert dates.to_pylist() == ["1960", "1960-05", "1960-05-17", None, None]
    assert full_days(dates).to_pylist() == [None, None, date(1960, 5, 17), None, None]


@pytest.mark.parametrize(
    ("sent", "understood"),
    [
        ("18/5/60", "1960-05-18"),
        ("18-05-60", "1960-05-18"),
        ("18.5.60", "1960-05-18"),
        ("2/5/21", "1921-05-02"),  # the day after the declaration
        ("1/5/21", None),  # born on that day, or a hundred years before
        ("18/5/15", None),
        ("30/4/01", None),  # 20 or 120 years
        ("30/4/00", "2000-04-30"),  # 21, for nobody is 121
        ("29/2/00", "2000-02-29"),  # 1900 had no such day
        ("29/2/61", None),
        ("31/4/60", None),
        ("1/13/60", None),
    ],
)
def test_two_digits_are_a_year_where_one_century_is_possible(sent: str, understood: str | None) -> None:
    assert parse_short_year(sent, date(2021, 5, 1)) == understood


@given(st.dates(date(1880, 1, 1), date(2100, 12, 31)), st.dates(date(1960, 1, 1), date(2100, 12, 31)))
def test_a_year_of_two_digits_is_never_another_day(day: date, declared: date) -> None:
    understood = parse_short_year(f"{day.day}/{day.month}/{day.year % 100:02}", declared)
    if day > declared or (declared - day).days > 120 * 366:
        assert understood != day.isoformat()
    else:
        assert understood in {day.isoformat(), None}


def test_short_years_are_dated_row_by_row() -> None:
    sent = ["18/5/60", "1960", None, "18/5/15", "18/5/60", "18/5/60", "22053"]
    days = pa.array([date(2021, 5, 1), None, None, date(2021, 5, 1), None, date(2075, 1, 1), None], pa.date32())
    expected = ["1960-05-18", "1960", None, None, None, None, None]
    for column in (pa.array(sent, TEXT), pa.array(sent).dictionary_encode()):
        found = stated_dates(Cells.of(column), days)
        assert found.to_pylist() == expected
        assert found.type == pa.dictionary(pa.int32(), pa.string())
    plain = stated_dates(Cells.of(pa.array(["1960", None], TEXT)), days.slice(0, 2))
    assert plain.to_pylist() == ["1960", None]
