"""What is printed on a card: its texts, its machine-readable zone and the text of its QR code, for both layouts.

Which text stands on which layout is not said here but in `config/card_fields.csv`.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from registry.cards.mrz import card_lines
from registry.cards.refusal import refuse_rows
from registry.writing import TEXT, matching, on_some

#: One row a card to be made: its holder, as the table `person` calls the columns, and its dossier. Places are texts.
#:
#: - `cancelled_pid`: the last personal number that the holder had before.
#: - `expires_on`: see `registry.cards.validity`; null: never.
CARDS = pa.schema(
    [
        ("layout", TEXT), ("issued_on", pa.date32()), ("expires_on", pa.date32()),
        ("pid", TEXT), ("cancelled_pid", TEXT), ("cmnd_no", TEXT),
        ("full_name", TEXT), ("birth_date", TEXT), ("sex", TEXT), ("nationality", TEXT),
        ("origin_place", TEXT), ("birth_registration_place", TEXT),
        ("permanent_place", TEXT), ("permanent_address", TEXT),
        ("temporary_place", TEXT), ("temporary_address", TEXT),
        ("father_name", TEXT), ("mother_name", TEXT),
    ]
)  # fmt: skip

#: Texts of a card, letter for letter as they are printed.
PRINTED: tuple[str, ...] = (
    "number", "full_name", "birth_date", "sex", "nationality", "origin_place", "birth_registration_place", "residence",
    "issue_date", "expiry_date",
)  # fmt: skip

#: What is read by machines.
CODES: tuple[str, ...] = ("mrz_1", "mrz_2", "mrz_3", "qr")

#: Fields of the QR code, in its order. That of 2021 is the one that public readers know; that of 2024 is the order in
#: which the circular was reported, since no code was seen (docs/decisions/0018).
QR_FIELDS: Mapping[str, tuple[str, ...]] = {
    "2021": ("pid", "cmnd_no", "full_name", "birth_date", "sex", "residence", "issue_date"),
    "2024": (
        "pid", "full_name", "birth_date", "sex", "residence", "issue_date", "cmnd_no", "cancelled_pid", "father_name",
        "mother_name",
    ),
}  # fmt: skip

#: What a card says that is good for life.
FOR_LIFE = "Không thời hạn"

_SEXES = {"M": "Nam", "F": "Nữ"}
#: Cards are for citizens (Law 26/2023/QH15 art. 19).
_CITIZEN, _NATIONALITY = "VN", "Việt Nam"
#: The QR code of a card of 2024 names the parents of a holder under this age.
_PARENTS_UNDER = 14


def printed(cards: pd.DataFrame, texts: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Returns what is printed on each card.

    Args:
        cards: the columns of `CARDS`, in any order; others are left alone.
        texts: layout → which of `PRINTED` stand on it, as `config.card_fields.printed_texts` returns them.

    Returns:
        One row a card, with its index: `PRINTED` (null where the layout has no such text) and `CODES`, of the type
        large_string[pyarrow]. `residence` is the permanent one; a card of 2024 has the temporary one without it.

    Raises:
        PlatformError: a card has an unknown layout, no citizen as its holder, or a number, birth date, sex or name
            that cannot be printed.
    """
    given = {field.name: _column(cards[field.name], field.type) for field in CARDS}
    layouts = given["layout"]
    refuse_rows(pc.invert(pc.is_in(layouts, value_set=pa.array(list(texts), TEXT))), "the layout is not known")
    refuse_rows(pc.not_equal(given["nationality"], _CITIZEN), "the holder is no citizen of Viet Nam")
    refuse_rows(pc.invert(pc.is_in(given["sex"], value_set=pa.array(list(_SEXES), TEXT))), "the sex is neither M nor F")
    refuse_rows(pc.is_null(given["issued_on"]), "there is no day of issue")
    births = full_days(given["birth_date"])
    refuse_rows(pc.is_null(births), "the birth date is not known to the day")

    zone = card_lines(given["pid"], given["full_name"], births, given["sex"], given["expires_on"])
    words = _words(given, births)
    codes = dict(zip(CODES, (*zone, _qr(given, words, births)), strict=True))
    shown = {name: _where(_has(layouts, texts, name), words[name]) for name in PRINTED}
    done: pd.DataFrame = pa.table(shown | codes).to_pandas(types_mapper=pd.ArrowDtype)
    return done.set_index(cards.index)


def full_days(birth_dates: pa.Array) -> pa.Array:
    """Returns ISO dates as date32; null where the text is not a day of the calendar, `1960` and `1960-05` too."""
    with suppress(pa.ArrowInvalid):  # some text is no day: then each text is looked at
        return birth_dates.cast(pa.date32())
    distinct = birth_dates.dictionary_encode()
    return pa.array([_day(text) for text in distinct.dictionary.to_pylist()], pa.date32()).take(distinct.indices)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None  # 20210630 and 2021-W26-3 are days to Python


def _words(given: Mapping[str, pa.Array], births: pa.Array) -> dict[str, pa.Array]:
    permanent = _residence(given["permanent_address"], given["permanent_place"])
    temporary = _residence(given["temporary_address"], given["temporary_place"])
    elsewhere = _where(pc.not_equal(given["layout"], "2021"), temporary)
    return {
        "number": given["pid"],
        "full_name": given["full_name"],
        "birth_date": _written(births, "%d/%m/%Y"),
        "sex": pc.if_else(pc.equal(given["sex"], "M"), *(pa.scalar(word, TEXT) for word in _SEXES.values())),
        "nationality": pa.repeat(pa.scalar(_NATIONALITY, TEXT), len(births)),
        "origin_place": given["origin_place"],
        "birth_registration_place": given["birth_registration_place"],
        "residence": pc.coalesce(permanent, elsewhere),
        "issue_date": _written(given["issued_on"], "%d/%m/%Y"),
        "expiry_date": pc.fill_null(_written(given["expires_on"], "%d/%m/%Y"), FOR_LIFE),
    }


def _residence(address: pa.Array, place: pa.Array) -> pa.Array:
    """An address and its place; null without a place."""
    whole = pc.binary_join_element_wise(address, place, pa.scalar(", ", TEXT))
    return pc.coalesce(whole, place)


def _qr(given: Mapping[str, pa.Array], words: Mapping[str, pa.Array], births: pa.Array) -> pa.Array:
    """The text of the QR code: fields with `|` between, empty where there is nothing."""
    young = _under(_PARENTS_UNDER, births, given["issued_on"])
    fields = {
        **{name: given[name] for name in ("pid", "cmnd_no", "cancelled_pid")},
        **{name: _apart(words[name]) for name in ("full_name", "sex", "residence")},
        **{name: _apart(_where(young, given[name])) for name in ("father_name", "mother_name")},
        "birth_date": _written(births, "%d%m%Y"),
        "issue_date": _written(given["issued_on"], "%d%m%Y"),
    }
    lines = pa.nulls(len(births), TEXT)
    for layout in pc.unique(given["layout"]).to_pylist():
        inside = [fields[name] for name in QR_FIELDS[layout]]
        joined = pc.binary_join_element_wise(
            *inside, pa.scalar("|", TEXT), null_handling="replace", null_replacement=""
        )
        lines = pc.if_else(pc.equal(given["layout"], layout), joined, lines)
    return lines


def _apart(texts: pa.Array) -> pa.Array:
    """Texts without the sign that stands between fields: nobody writes it in a name, and an address reads as well."""
    return on_some(texts, matching(texts, r"\|"), lambda some: pc.replace_substring(some, "|", " "))


def _under(age: int, births: pa.Array, days: pa.Array) -> pa.Array:
    """Whether the holders are younger than an age on a day."""
    years = pc.subtract(pc.year(days), pc.year(births))
    month_and_day = [pc.add(pc.multiply(pc.month(each), 100), pc.day(each)) for each in (days, births)]
    completed = pc.subtract(years, pc.less(*month_and_day).cast(pa.int64()))
    return pc.less(completed, age)


def _written(days: pa.Array, style: str) -> pa.Array:
    distinct = days.dictionary_encode()
    return pc.strftime(distinct.dictionary, style).cast(TEXT).take(distinct.indices)


def _has(layouts: pa.Array, texts: Mapping[str, Sequence[str]], name: str) -> pa.Array:
    return pc.is_in(layouts, value_set=pa.array([layout for layout in texts if name in texts[layout]], TEXT))


def _where(flags: pa.Array, values: pa.Array) -> pa.Array:
    return pc.if_else(flags, values, pa.scalar(None, values.type))


def _column(values: pd.Series, kind: pa.DataType) -> pa.Array:
    found = pa.Array.from_pandas(values, type=kind)
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
