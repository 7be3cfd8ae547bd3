"""Old text in a file that is Unicode: a code typed or pasted as the letters of Windows-1252 (`NguyÔn ThÞ §µo`).

Such a column is found while its file is read, by all of its values together, and is decoded when it is
standardised; the cells stay as they were sent. Where a column holds old and new text, or is not sure by itself but
another column of its file is, a value is decoded only when it is no Vietnamese as it stands and is when decoded.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from registry.encodings import TCVN3, VNI, WINDOWS_1258
from registry.encodings.detection import OLD_ENCODINGS, best_reading
from registry.encodings.letters import MARKED, composed
from registry.encodings.syllables import marked_words
from registry.forms import NAMES, PLACES

#: Columns that hold words.
TEXTS: tuple[str, ...] = (
    *NAMES,
    *PLACES,
    *("permanent_address", "temporary_address", "current_address"),
    *("verified_by", "sex", "marital_status", "ethnicity", "religion", "nationality", "relation_to_head"),
    *("movement", "residence_kind", "from_place", "to_place", "to_address", "field", "old_value", "new_value"),
)

#: File number → column → its codec, and whether all of the column is in it.
OldColumns = Mapping[str, tuple[str, bool]]

_AS_IT_STANDS = "cp1252"
_READINGS = (TCVN3, VNI, WINDOWS_1258, _AS_IT_STANDS)
_MOST_VALUES = 5000

_FOREIGN = "".join(
    letter for letter in map(chr, range(0xA1, 0x100)) if letter not in MARKED and letter not in MARKED.upper()
)
_FOREIGN_BYTES = np.zeros(1 << 16, np.bool_)
_FOREIGN_BYTES[[int.from_bytes(letter.encode(), "big") for letter in _FOREIGN]] = True
#: First bytes in UTF-8: of U+0080 to U+00FF, and of letters that are no Latin-1, so nobody's old text.
_LATIN_1, _BEYOND = (0xC2, 0xC3), (0xC4, 0xC5, 0xC6, 0xE1)


@dataclass(slots=True)
class OldText:
    """Looks for old text in a file while it is read."""

    _values: dict[str, set[str]] = field(default_factory=dict)
    _new: set[str] = field(default_factory=set)

    def see(self, rows: pa.Table) -> None:
        """Takes in rows of the file (columns of its kind as read)."""
        for column in filter(rows.column_names.__contains__, TEXTS):
            cells = rows[column]
            texts = [_bytes(chunk) for chunk in cells.chunks]
            if column not in self._new and any(map(_has_new, texts)):
                self._new.add(column)
            values = self._values.setdefault(column, set())
            if len(values) < _MOST_VALUES and any(map(_has_foreign, texts)):
                distinct = pc.unique(cells)
                odd = distinct.filter(pc.match_substring_regex(distinct, f"[{_FOREIGN}]"))
                values.update(odd.slice(0, _MOST_VALUES).to_pylist())

    def found(self) -> dict[str, tuple[str, bool]]:
        """Columns with old text: the codec, and whether the whole column is in it."""
        readings = {column: _codec(values) for column, values in self._values.items()}
        sure = {column: codec for column, codec in readings.items() if codec}
        found = {column: (codec, column not in self._new) for column, codec in sure.items()}
        if len(set(sure.values())) == 1:
            codec = next(iter(sure.values()))
            found |= {
                column: (codec, False) for column, values in self._values.items() if values and column not in sure
            }
        return found


def mended(rows: pa.RecordBatch, old: Mapping[int, OldColumns]) -> pa.RecordBatch:
    """Rows as read with old text decoded; the same object when they have none.

    Args:
        rows: text columns are plain or dictionary-encoded; they come back as they were.
        old: for each `file_no` what `OldText` found.
    """
    for file_no, columns in old.items():
        of_file = pc.equal(rows["file_no"], file_no)
        if pc.any(of_file).as_py():
            for column, (codec, whole) in columns.items():
                cells = _mended(rows[column], of_file, codec, whole=whole)
                rows = rows.set_column(rows.schema.get_field_index(column), column, cells)
    return rows


def _bytes(cells: pa.Array) -> npt.NDArray[np.uint8]:
    """All bytes of large texts, one behind the other."""
    _, offsets, data = cells.buffers()
    if data is None or not len(cells):
        return np.zeros(0, np.uint8)
    ends = np.frombuffer(offsets, np.int64)
    return np.frombuffer(data, np.uint8)[ends[cells.offset] : ends[cells.offset + len(cells)]]


def _has_new(text: npt.NDArray[np.uint8]) -> bool:
    return any((text == first).any() for first in _BEYOND)


def _has_foreign(text: npt.NDArray[np.uint8]) -> bool:
    """Whether UTF-8 holds a letter of Latin-1 that is not Vietnamese."""
    at = np.flatnonzero((text == _LATIN_1[0]) | (text == _LATIN_1[1]))
    letters = (text[at].astype(np.uint16) << 8) | text[at + 1]
    return bool(_FOREIGN_BYTES[letters].any())


def _codec(values: set[str]) -> str | None:
    """The old codec in which values of one column clearly are."""
    if not values:
        return None
    sent = [value.encode(_AS_IT_STANDS, "replace") for value in sorted(values)]
    codec = best_reading(sent, _READINGS).codec
    return codec if codec in OLD_ENCODINGS else None


def _mended(cells: pa.Array, of_file: pa.BooleanArray, codec: str, *, whole: bool) -> pa.Array:
    plain = cells.cast(pa.large_string())
    sent = pc.unique(plain.filter(of_file)).drop_null()
    sent = sent.filter(pc.invert(pc.string_is_ascii(sent)))
    read = pa.array([_read(value, codec, whole=whole) for value in sent.to_pylist()], pa.large_string())
    position = pc.if_else(of_file, pc.index_in(plain, value_set=sent), pa.scalar(None, pa.int32()))
    done = pc.coalesce(read.take(position), plain)
    return done.dictionary_encode().cast(cells.type) if pa.types.is_dictionary(cells.type) else done


def _read(value: str, codec: str, *, whole: bool) -> str:
    """A value decoded, or as it stands where that is right or cannot be told."""
    try:
        text = composed(value).encode(_AS_IT_STANDS).decode(codec)
    except UnicodeError:
        return value
    marked, legal = marked_words(text)
    marked_as_sent, legal_as_sent = marked_words(value)
    stands, clear = legal_as_sent == marked_as_sent, 0 < marked == legal
    if whole:
        return value if stands and not clear else text
    return text if clear and not stands else value
