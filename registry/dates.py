"""Dates as registers write them, in the precision that is known. A day or a month is never invented."""

import re
from datetime import date
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from registry.writing import TEXT, Cells, matching

#: Full-width digits come out of East Asian input methods.
_DIGITS = str.maketrans("０１２３４５６７８９", "0123456789")

_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        r"(?P<day>\d{1,2})(?P<sign>[/.-])(?P<month>\d{1,2})(?P=sign)(?P<year>\d{4})",
        # a spreadsheet adds the hour to a day; only midnight is no statement
        r"(?P<year>\d{4})-(?P<month>\d{2})(?:-(?P<day>\d{2})(?:[ t]00:00(?::00(?:\.0+)?)?)?)?",
        r"(?:(?P<month>\d{1,2})[/.-])?(?P<year>\d{4})",
        r"(?:ngày )?(?P<day>\d{1,2}) tháng (?P<month>\d{1,2}) năm (?P<year>\d{4})",
        r"(?:tháng (?P<month>\d{1,2}) )?năm (?P<year>\d{4})",
    )
)

#: A day whose year has lost its century. `5/60` is none: it could be the fifth of a month, too.
_SHORT_YEAR = r"^[0-9]{1,2}(?:/[0-9]{1,2}/|\.[0-9]{1,2}\.|-[0-9]{1,2}-)[0-9]{2}$"
#: Nobody is older on the day of a declaration (the same bound as rule ROW-AGE-OVER-120).
_OLDEST = 120


@lru_cache(maxsize=100_000)
def parse_date(text: str) -> str | None:
    """Returns a clean text as ISO 8601 in its own precision: `1960`, `1960-05` or `1960-05-17`.

    Understood: `17/5/1960` (also with `-` or `.`, with or without leading zeros), `1960-05-17` (also with
    ` 00:00:00`), `1960-05`, `5/1960`, `1960`, and the words of the form (`ngày 17 tháng 5 năm 1960`). None for any
    other text, for a day that does not exist, and for a number of a spreadsheet (`22053`).
    Circular 66/2015/TT-BCA art. 18 writes the months 3 to 9 as one digit, police guidance as two.
    """
    text = text.translate(_DIGITS).lower()
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


def parse_short_year(text: str, declared_on: date) -> str | None:
    """Returns a day with two digits of its year as ISO 8601, where only one century can be meant; else None.

    `18/5/60` declared in 2021 is 1960: in 2060 it would be later than the declaration, in 1860 over 120 years
    before. `18/5/15` could be a child or a person of 106: nobody guesses.
    """
    known = [_iso(str(year), *_day_and_month(text)) for year in _years(int(text[-2:]), declared_on.year)]
    possible = [day for day in known if day and _OLDEST >= _years_between(day, declared_on) >= 0]
    return possible[0] if len(possible) == 1 else None


def _day_and_month(text: str) -> tuple[str, str]:
    day, month, _ = re.split("[/.-]", text)
    return month, day


def _years(two_digits: int, last: int) -> range:
    return range(two_digits + (last - two_digits) // 100 * 100, last - _OLDEST - 1, -100)


def _years_between(day: str, until: date) -> int:
    """Whole years; negative where the day is later."""
    since = date.fromisoformat(day)
    return until.year - since.year - ((until.month, until.day) < (since.month, since.day))


def parse_dates(texts: pa.Array) -> pa.Array:
    """Returns `parse_date` of each of a column's distinct clean texts, as large_string."""
    return pa.array([text and parse_date(text) for text in texts.to_pylist()], TEXT)


def stated_dates(cells: Cells, declared_on: pa.Array) -> pa.DictionaryArray:
    """Returns a column's dates row by row: `parse_date`, and `parse_short_year` by the day that the row declares.

    A year of two digits in a row that declares no day stays unknown: the day that a file was sent is no part of the
    form, and the form has to mean the same whenever it comes.

    Args:
        cells: the column.
        declared_on: date32, one a row.

    Returns:
        dictionary<int32, string>: ISO 8601 in its own precision.
    """
    texts = cells.values.cleaned
    dates = parse_dates(texts)
    short = matching(texts, _SHORT_YEAR)
    if short is None:
        return cells.encoded(dates)
    rows = pc.and_(pc.fill_null(cells.spread(short), fill_value=False), declared_on.is_valid())
    pairs = pc.binary_join_element_wise(
        cells.spread(texts).filter(rows), declared_on.filter(rows).cast(TEXT), pa.scalar("|", TEXT)
    ).dictionary_encode()
    known = pa.array([_of_pair(pair) for pair in pairs.dictionary.to_pylist()], pa.string())
    whole = cells.spread(dates.cast(pa.string()))
    return pc.replace_with_mask(whole, rows, known.take(pairs.indices)).dictionary_encode()


def _of_pair(pair: str) -> str | None:
    text, day = pair.split("|")
    return parse_short_year(text, date.fromisoformat(day))


def full_days(dates: pa.Array) -> pa.Array:
    """Returns ISO dates as date32; null where the day is not known."""
    return pc.if_else(pc.equal(pc.utf8_length(dates), 10), dates, pa.scalar(None, TEXT)).cast(pa.date32())
