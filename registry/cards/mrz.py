"""The machine-readable zone of a card: three lines of thirty signs, size TD1 of ICAO Doc 9303 part 5.

A line is a row of a matrix of bytes, so that all cards are written and all check digits reckoned at once.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from registry.cards.refusal import refuse_rows
from registry.names import mrz_names
from registry.writing import TEXT

Signs = NDArray[np.uint8]

#: Signs of a line.
LINE = 30
FILLER = ord("<")

#: The value of each sign in a check digit (Doc 9303 part 3, section 4.9): a digit is itself, A is 10 … Z is 35, the
#: filler is nothing.
_VALUES = np.zeros(256, dtype=np.uint16)
_VALUES[ord("0") : ord("9") + 1] = np.arange(10)
_VALUES[ord("A") : ord("Z") + 1] = np.arange(10, 36)
_WEIGHTS = (7, 3, 1)
_SIGN = "[A-Z0-9<]"
_DAY = "[0-9]{6}"

#: Day of expiry in the zone of a card that has none. Neither Doc 9303 nor the circulars of cards say what stands there;
#: cards of both layouts that were read in public carry the last day of a century (docs/decisions/0018).
NEVER = "991231"
_STATE = "VNM"


def check_digits(signs: Signs) -> Signs:
    """Returns the check digit of each row of signs, as ASCII: values times 7, 3, 1, 7 …, modulo 10.

    Args:
        signs: one row a text, of A–Z, 0–9 and `<`.
    """
    weights = np.resize(np.array(_WEIGHTS, np.uint16), signs.shape[1])  # at most 35 × 7 × 50: sixteen bits hold it
    return ((_VALUES[signs] @ weights) % 10 + ord("0")).astype(np.uint8)


def td1_lines(
    *,
    code: str,
    state: str,
    nationality: str,
    numbers: pa.Array,
    optional: pa.Array,
    births: pa.Array,
    sexes: pa.Array,
    expiries: pa.Array,
    names: pa.Array,
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Returns the three lines of documents of one kind (Doc 9303 part 5, section 4.2), as large_string of 30 signs.

    Args:
        code: of the document, 1 or 2 letters.
        state: of issue, 3 letters.
        nationality: of the holders, 3 letters.
        numbers: of the documents, up to 9 signs.
        optional: what the state adds to the first line, up to 15 signs.
        births: YYMMDD.
        sexes: `M`, `F`, or `<` where it is not stated.
        expiries: YYMMDD.
        names: up to 30 letters and fillers, as `registry.names.mrz_names` returns them.

    Raises:
        PlatformError: a value has other signs, or more of them.
    """
    first = _lines(len(numbers), f"{code:<<2}{state:<<3}")
    first[:, 5:14] = _signs(
        numbers, 9, f"{_SIGN}{{1,9}}", "the number of the document is not 1 to 9 letters and digits"
    )
    first[:, 14] = check_digits(first[:, 5:14])
    first[:, 15:30] = _signs(optional, 15, f"{_SIGN}{{0,15}}", "the optional data are not up to 15 letters and digits")

    second = _lines(len(numbers), "")
    second[:, 0:6] = _signs(births, 6, _DAY, "the birth date is not six digits")
    second[:, 6] = check_digits(second[:, 0:6])
    second[:, 7:8] = _signs(sexes, 1, "[MF<]", "the sex is neither M nor F nor left open")
    second[:, 8:14] = _signs(expiries, 6, _DAY, "the day of expiry is not six digits")
    second[:, 14] = check_digits(second[:, 8:14])
    second[:, 15:18] = np.frombuffer(f"{nationality:<<3}".encode(), np.uint8)
    second[:, 29] = check_digits(np.hstack([first[:, 5:30], second[:, 0:7], second[:, 8:15], second[:, 18:29]]))
    third = _signs(names, LINE, f"[A-Z<]{{1,{LINE}}}", "the name has a letter without a Latin form, or none at all")
    return _texts(first), _texts(second), _texts(third)


def card_lines(
    pids: pa.Array, names: pa.Array, births: pa.Array, sexes: pa.Array, expires_on: pa.Array
) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Returns the three lines of identity cards, as large_string of 30 signs.

    The document's number is the last nine digits of the personal number. The optional data of the first line are the
    whole personal number, `<<`, and the check digit of these fourteen. So they are on cards of both layouts that were
    read in public; the circulars show no zone.

    Args:
        pids: large_string, 12 digits.
        names: large_string, legal names (see `registry.names.mrz_names` for what becomes of them).
        births: date32.
        sexes: large_string, `M` or `F`.
        expires_on: date32; null where the card never expires (`NEVER` stands there then).

    Raises:
        PlatformError: a value is missing or cannot be written.
    """
    whole = _signs(pids, 12, "[0-9]{12}", "the personal number is not 12 digits")
    optional = np.full((len(whole), 15), FILLER, np.uint8)
    optional[:, :12] = whole
    optional[:, 14] = check_digits(optional[:, :14])
    distinct = names.dictionary_encode()
    return td1_lines(
        code="ID",
        state=_STATE,
        nationality=_STATE,
        numbers=_texts(whole[:, 3:]),
        optional=_texts(optional),
        births=_short(births),
        sexes=sexes,
        expiries=pc.fill_null(_short(expires_on), NEVER),
        names=mrz_names(distinct.dictionary.cast(TEXT)).take(distinct.indices),
    )


def _short(days: pa.Array) -> pa.Array:
    """Days as YYMMDD."""
    distinct = days.dictionary_encode()
    return pc.strftime(distinct.dictionary, "%y%m%d").cast(TEXT).take(distinct.indices)


def _lines(count: int, start: str) -> Signs:
    lines = np.full((count, LINE), FILLER, np.uint8)
    lines[:, : len(start)] = np.frombuffer(start.encode(), np.uint8)
    return lines


def _signs(texts: pa.Array, width: int, pattern: str, what: str) -> Signs:
    """Texts as rows of bytes, fillers after the shorter ones."""
    refuse_rows(pc.invert(pc.match_substring_regex(texts, f"^(?:{pattern})$")), what)
    padded = pc.utf8_rpad(texts, width, "<").cast(pa.binary(width))
    return np.frombuffer(padded.buffers()[1], np.uint8, len(texts) * width).reshape(len(texts), width)


def _texts(signs: Signs) -> pa.Array:
    """Rows of bytes as large_string."""
    count, width = signs.shape
    offsets = np.arange(count + 1, dtype=np.int64) * width
    data = np.ascontiguousarray(signs)
    return pa.Array.from_buffers(TEXT, count, [None, pa.py_buffer(offsets), pa.py_buffer(data)])
