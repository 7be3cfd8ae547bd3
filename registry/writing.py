"""How a cell is written: one clean text, and its key without accents. All of it per value, never per person.

Clean means: Unicode NFC, zero-width signs gone (they are not seen, so nobody typed them on purpose), every
run of white space one plain space, none at the ends, and an empty cell is no cell. A text with control
signs or the replacement sign U+FFFD has lost letters on its way: it is not understood, and becomes null.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from registry.encodings.letters import TONES

Work = Callable[[pa.Array], pa.Array]

TEXT = pa.large_string()

#: White space as people type it and as office programs leave it.
_SPACES = r"\t-\r\x{20}\x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}"
_ZERO_WIDTH = r"\x{AD}\x{61C}\x{180E}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2064}\x{FEFF}"
_DAMAGE = r"[\x{00}-\x{08}\x{0E}-\x{1F}\x{7F}-\x{84}\x{86}-\x{9F}\x{FFFD}]"

#: What may need work: any letter beyond Latin as Vietnamese composes it, or a space out of place. All
#: others are in NFC already (U+00C0–U+02FF and U+1E00–U+1EFF have the property NFC_QC = Yes).
_ODD = r"[^\x20-\x7E\x{A1}-\x{AC}\x{AE}-\x{2FF}\x{1E00}-\x{1EFF}]|^ | $|  |^$"


def matching(values: pa.Array, pattern: str) -> pa.BooleanArray | None:
    """Returns which values match an RE2 pattern; None when none does, the usual case for odd ones."""
    found = pc.match_substring_regex(values, pattern)
    return found if pc.any(found).as_py() else None


def on_some(values: pa.Array, some: pa.BooleanArray | None, work: Work) -> pa.Array:
    """Returns values with `work` done on those marked in `some` (None: on none); `work` keeps the length."""
    if some is None:
        return values
    return pc.replace_with_mask(values, some, work(values.filter(some)))


def _odd(values: pa.Array) -> pa.BooleanArray | None:
    if pc.all(pc.ascii_is_decimal(values)).as_py():
        return None
    return matching(values, _ODD)


def _clean(values: pa.Array) -> pa.Array:
    whole = pc.if_else(pc.match_substring_regex(values, _DAMAGE), pa.scalar(None, TEXT), values)
    seen = pc.replace_substring_regex(whole, f"[{_ZERO_WIDTH}]+", "")
    composed = pc.utf8_normalize(seen, "NFC")
    spaced = pc.utf8_trim(pc.replace_substring_regex(composed, f"[{_SPACES}]+", " "), " ")
    return pc.if_else(pc.equal(spaced, ""), pa.scalar(None, TEXT), spaced)


def _settle(values: pa.Array) -> pa.Array:
    return pc.utf8_trim_whitespace(pc.utf8_normalize(values, "NFC"))


def clean(values: pa.Array) -> pa.Array:
    """Returns large_string texts as clean ones (see the module); null stays null."""
    return on_some(values, _odd(values), _clean)


def without_accents(values: pa.Array) -> pa.Array:
    """Returns upper-case texts without any mark on a letter; Đ becomes D, which no normal form does."""
    bare = pc.replace_substring_regex(pc.utf8_normalize(values, "NFD"), r"\p{Mn}+", "")
    return pc.replace_substring(bare, "Đ", "D")


def plain(text: str) -> str:
    """`without_accents` for one text, in upper case: for the short lists that are read once a process."""
    marks = unicodedata.normalize("NFD", text.upper().replace("Ð", "Đ").replace("Ɖ", "Đ"))
    return "".join(sign for sign in marks if unicodedata.category(sign) != "Mn").replace("Đ", "D")


#: A, E or Y that carries the tone of the O or U before it, and the other way round.
_PAIRS = (("O", "A"), ("O", "E"), ("U", "Y"))
_TO_FIRST = {
    unicodedata.normalize("NFC", first + second + tone): unicodedata.normalize("NFC", first + tone + second)
    for first, second in _PAIRS
    for tone in TONES
}
_TO_SECOND = {first: second for second, first in _TO_FIRST.items()} | {
    unicodedata.normalize("NFC", f"QU{tone}{second}"): unicodedata.normalize("NFC", f"QU{second}{tone}")
    for second in ("A", "Ă", "Â", "E", "Ê", "I", "O", "Ơ", "Y")
    for tone in TONES
}
_OPEN = re.compile(rf"(?<!Q)(?:{'|'.join(_TO_FIRST)})(?!\w)")
_CLOSED = re.compile(rf"(?<!Q)(?:{'|'.join(list(_TO_SECOND)[: len(_TO_FIRST)])})(?=\w)")
_AFTER_Q = re.compile("|".join(list(_TO_SECOND)[len(_TO_FIRST) :]))


def tones_in_place(text: str) -> str:
    """Returns an upper-case text in NFC with each tone mark where the older spelling puts it.

    A syllable that ends in OA, OE or UY has it on the O or U (HOÀ → HÒA, THUÝ → THÚY), one that goes on after
    them on the other letter (HÙYNH → HUỲNH), and the U of QU never has it (QÚY → QUÝ). Everything else stays.
    For comparing only: how a person's name is written is the person's own.
    """
    text = _OPEN.sub(lambda found: _TO_FIRST[found[0]], text)
    text = _CLOSED.sub(lambda found: _TO_SECOND[found[0]], text)
    return _AFTER_Q.sub(lambda found: _TO_SECOND[found[0]], text)


@dataclass(frozen=True)
class Values:
    """Texts to work on once, each for all rows that hold it.

    Attributes:
        texts: large_string.
    """

    texts: pa.Array

    @cached_property
    def _odd(self) -> pa.BooleanArray | None:
        return _odd(self.texts)

    @property
    def tidy(self) -> bool:
        """Whether every text is clean as it stands."""
        return self._odd is None

    @cached_property
    def cleaned(self) -> pa.Array:
        """The texts, clean."""
        return on_some(self.texts, self._odd, _clean)

    @cached_property
    def settled(self) -> pa.Array:
        """The texts but for the normal form and outer white space, which depend on the file format."""
        return on_some(self.texts, self._odd, _settle)


@dataclass(frozen=True)
class Cells:
    """A column as its values and the value of each row, so that work is done once a distinct value.

    Attributes:
        column: the column as sent, plain or dictionary-encoded.
        values: its values; distinct where `rows` is given.
        rows: int32 positions in `values`, null for an empty cell; None: row i has value i.
    """

    column: pa.Array
    values: Values
    rows: pa.Array | None = None

    @classmethod
    def of(cls, column: pa.Array) -> "Cells":
        """Cells of a plain or a dictionary-encoded text column."""
        if pa.types.is_dictionary(column.type):
            return cls(column, Values(column.dictionary.cast(TEXT)), column.indices)
        return cls(column, Values(column))

    @classmethod
    def pool(cls, columns: list[pa.Array]) -> list["Cells"]:
        """Cells of several plain columns that share one set of distinct values."""
        chunks = pa.chunked_array(columns, TEXT).dictionary_encode().chunks
        values = Values(chunks[-1].dictionary)
        return [cls(column, values, chunk.indices) for column, chunk in zip(columns, chunks, strict=True)]

    @property
    def settled(self) -> pa.Array:
        """The column with its values settled (see `Values`)."""
        return self.column if self.values.tidy else self.spread(self.values.settled)

    def spread(self, results: pa.Array) -> pa.Array:
        """Gives each row the result of its value; `results` has one entry a value, of any type."""
        return results if self.rows is None else results.take(self.rows)

    def encoded(self, results: pa.Array) -> pa.DictionaryArray:
        """Like `spread`, as dictionary<int32, string>: for results that repeat often."""
        distinct = results.cast(pa.string()).dictionary_encode()
        return pa.DictionaryArray.from_arrays(self.spread(distinct.indices), distinct.dictionary)

    def positions(self) -> "np.ndarray[Any, np.dtype[np.int64]]":
        """Position of each row's value as int64; -1 where the cell is empty."""
        rows = self.rows
        if rows is None:
            every = pa.array(np.arange(len(self.column), dtype=np.int32))
            rows = pc.if_else(self.column.is_valid(), every, pa.scalar(None, pa.int32()))
        filled: np.ndarray[Any, np.dtype[np.int32]] = pc.fill_null(rows, -1).to_numpy(zero_copy_only=False)
        return filled.astype(np.int64)
