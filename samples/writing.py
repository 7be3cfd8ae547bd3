"""How a register is written: in which encoding, and its places as codes or as texts of some style."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from registry.encodings import TCVN3, VIQR, VNI, WINDOWS_1258
from registry.errors import UsageError
from registry.forms import NAMES
from samples import places
from samples.cells import Cells
from samples.draw import Flags

#: Words of a style → the codec. In `utf-8-nfd` each tone mark is a character of its own.
ENCODINGS: dict[str, str] = {
    "utf-8": "utf-8",
    "utf-8-nfd": "utf-8",
    "utf-16": "utf-16",
    "windows-1258": WINDOWS_1258,
    "tcvn3": TCVN3,
    "vni": VNI,
    "viqr": VIQR,
}
UNICODE = frozenset({"utf-8", "utf-8-nfd", "utf-16"})
#: Words of a style for places; all but the first make texts of them, and those after the third may go with any other.
CODES, FULL, ABBREVIATED, PLAIN, UPPER, REVERSED = "codes", "full", "abbreviated", "plain", "upper", "reversed"
PLACE_WORDS = (CODES, FULL, ABBREVIATED, PLAIN, UPPER, REVERSED)
#: The sidecar states the encoding.
STATED = "stated"

_SHORT = {
    "Xã": "X.", "Phường": "P.", "Thị trấn": "TT.", "Quận": "Q.", "Huyện": "H.", "Thị xã": "TX.", "Thành phố": "TP.",
}  # fmt: skip
_KIND = re.compile(rf"^(?:{'|'.join(_SHORT)}|Tỉnh) ")
_CITY = {"Thành phố Hồ Chí Minh": "TP.HCM"}

#: Letters of other peoples' names that only Unicode has, and what is typed for them.
_NO_CODE = {"ŭ": "u", "Ŭ": "U"}
#: A commune that there is not.
_NO_COMMUNE = "Xã Không Tên"
_MARKS = re.compile("[\u0300-\u036f]")


@dataclass(frozen=True)
class Writing:
    """How one file is written.

    Attributes:
        encoding: a word of `ENCODINGS`.
        place_words: of `PLACE_WORDS`, in their order.
        stated: whether the sidecar states the encoding.
    """

    encoding: str = "utf-8"
    place_words: tuple[str, ...] = (CODES,)
    stated: bool = True

    @classmethod
    def parse(cls, style: str) -> "Writing":
        """Reads a style: words with `+` between them, such as `tcvn3+abbreviated+plain`.

        Raises:
            UsageError: a word that is none, two encodings, or words for places that exclude each other.
        """
        words = style.split("+")
        known = {*ENCODINGS, *PLACE_WORDS, STATED}
        if wrong := [word for word in words if word not in known]:
            raise UsageError(f"--style {style}: {wrong[0]!r} is none of {', '.join(sorted(known))}.")
        encodings = [word for word in ENCODINGS if word in words]
        kinds = tuple(word for word in PLACE_WORDS if word in words)
        if len(encodings) > 1:
            raise UsageError(
                f"--style {style}: a file has one encoding, not {len(encodings)}; repeat --style for both."
            )
        if (CODES in kinds and len(kinds) > 1) or {FULL, ABBREVIATED} <= set(kinds):
            raise UsageError(f"--style {style}: {' and '.join(kinds)} exclude each other; repeat --style for both.")
        return cls(encodings[0] if encodings else "utf-8", kinds or (CODES,), STATED in words)

    def __str__(self) -> str:
        """The style as the truth names it: the encoding first, then the words for places."""
        return "+".join((self.encoding, *self.place_words))

    @property
    def in_codes(self) -> bool:
        """Whether places are codes."""
        return self.place_words == (CODES,)

    @property
    def sidecar_encoding(self) -> str | None:
        """What a sidecar states as the encoding; None: nothing."""
        stated = "utf-8" if self.encoding == "utf-8-nfd" else self.encoding
        return stated if self.stated else None

    def place_texts(self) -> pa.Array:
        """What is written for each commune of `Places`: a code, or a text in the quotes that its commas need."""
        return places.load().codes if self.in_codes else _place_texts(self.place_words)

    def ambiguous_places(self) -> Flags:
        """For each commune of `Places`, whether another one is written the same way."""
        return _ambiguous(self.place_words)

    def without_commune(self, texts: pa.Array) -> pa.Array:
        """Texts of `place_texts`, no codes, with the name of a commune that there is not in place of theirs."""
        name = _retyped(_NO_COMMUNE, self.place_words)
        if REVERSED in self.place_words:
            return pc.replace_substring_regex(texts, pattern=r'[^," ][^,"]*"$', replacement=f'{name}"')
        return pc.replace_substring_regex(texts, pattern=r'^"[^,]*', replacement=f'"{name}')

    def drop_letters(self, cells: Cells) -> Flags:
        """Puts other letters in names, in place, for those that the encoding has not; rows that lost one."""
        lost = np.zeros(len(cells["form_no"]), dtype=np.bool_)
        if self.encoding in UNICODE:
            return lost
        for column in NAMES:
            before = cells[column]
            for letter, typed in _NO_CODE.items():
                cells[column] = pc.replace_substring(cells[column], letter, typed)
            changed = pc.fill_null(pc.not_equal(before, cells[column]), fill_value=False)
            lost |= changed.to_numpy(zero_copy_only=False)
        return lost

    def keeps(self, texts: pa.Array) -> pa.Array:
        """Whether the encoding has all letters of each text (bool; null for null)."""
        if self.encoding in UNICODE:
            return pc.is_valid(texts)
        return pc.invert(pc.match_substring_regex(texts, f"[{''.join(_NO_CODE)}]"))

    def encode(self, content: bytes) -> bytes:
        """The bytes of a file whose text is `content` in UTF-8."""
        if self.encoding == "utf-8":
            return content
        text = content.decode()
        if self.encoding == "utf-8-nfd":
            text = unicodedata.normalize("NFD", text)
        return text.encode(ENCODINGS[self.encoding])


def writings_of(styles: Iterable[str]) -> tuple[Writing, ...]:
    """The writings that files take in turn: those of the styles; with none UTF-8 and codes, as stated beside it.

    Raises:
        UsageError: see `Writing.parse`.
    """
    return tuple(map(Writing.parse, styles)) or (Writing(),)


@cache
def _place_texts(words: tuple[str, ...]) -> pa.Array:
    return pa.array([f'"{_path(path, words, spaced=at % 2 == 1)}"' for at, path in enumerate(places.load().paths)])


@cache
def _ambiguous(words: tuple[str, ...]) -> Flags:
    if words == (CODES,):
        return np.zeros(len(places.load().codes), dtype=np.bool_)
    keys = np.array([_retyped(", ".join(path), words) for path in places.load().paths])
    _, first, counts = np.unique(keys, return_inverse=True, return_counts=True)
    flags: Flags = counts[first] > 1
    return flags


def _path(path: tuple[str, ...], words: tuple[str, ...], *, spaced: bool) -> str:
    """A commune, its district and its province as one text; `spaced`: a space behind what is shortened."""
    if ABBREVIATED in words:
        path = tuple(_short(name, spaced=spaced) for name in path)
    if REVERSED in words:
        path = path[::-1]
    return _retyped(", ".join(path), words)


def _short(name: str, *, spaced: bool) -> str:
    """`TP.Biên Hòa` or `TP. Biên Hòa`; a province is named alone, as in addresses on envelopes."""
    if name in _CITY:
        return _CITY[name]
    return _KIND.sub(lambda kind: (_SHORT.get(kind[0][:-1], "") + " " * spaced).lstrip(), name, count=1)


def _retyped(text: str, words: tuple[str, ...]) -> str:
    if PLAIN in words:
        text = _MARKS.sub("", unicodedata.normalize("NFD", text)).replace("đ", "d").replace("Đ", "D")
    return text.upper() if UPPER in words else text
