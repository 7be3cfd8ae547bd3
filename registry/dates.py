"""Dates as registers write them, in the precision that is known. A day or a month is never invented."""

import re
from datetime import date
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from registry.writing import TEXT

#: Full-width digits come out of East Asian input methods.
_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")

_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        r"(?P<day>\d{1,2})(?P<sign>[/.-])(?P<month>\d{1,2})(?P=sign)(?P<year>\d{4})",
        # a spreadsheet adds the hour to a day; only midnight is no statement
        r"(?P<year>\d{4})-(?P<month>\d{2})(?:-(?P<day>\d{2})(?:[ T]00:00(?::00(?:\.0+)?)?)?)?",
        r"(?:(?P<month>\d{1,2})/)?(?P<year>\d{4})",
    )
)


@lru_cache(maxsize=100_000)
def parse_date(text: str) -> str | None:
    """Returns a clean text as ISO 8601 in its own precision: `1960`, `1960-05` or `1960-05-17`.

    Understood: `17/5/1960` (also with `-` or `.`, with or without leading zeros), `1960-05-17` (also with
    ` 00:00:00`), `1960-05`, `5/1960`, `1960`. None for any other text and for a day that does not exist.
    Circular 66/2015/TT-BCA art. 18 writes the months 3 to 9 as one digit, police guidance as two.
    """
    text = text.translate(_DIGITS)
    for form in _FORMS:
        if found := form.fullmatch(text):
            return _iso(found["year"], found["month"], found.groupdict().get("day"))
    return None


def _iso(year: str, month: str | None, day: str | None) -> str | None:
    try:
        known = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    return known.isoformat()[: 10 if day else 7 if month else 4]


def parse_dates(texts: pa.Array) -> pa.Array:
    """Returns `parse_date` of each of a column's distinct clean texts, as large_string."""
    return pa.array([text and parse_date(text) for text in texts.to_pylist()], TEXT)


def full_days(dates: pa.Array) -> pa.Array:
    """Returns ISO dates as date32; null where the day is not known."""
    return pc.if_else(pc.equal(pc.utf8_length(dates), 10), dates, pa.scalar(None, TEXT)).cast(pa.date32())
