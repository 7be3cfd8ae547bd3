from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.dates import full_days, parse_date, parse_dates
from registry.writing import TEXT

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
        ("17/5-1960", None),
        ("1960-5-17", None),
        ("1960-05-17 07:00:00", None),
        ("22053", None),
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
