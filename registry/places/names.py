"""How the name of a place is written, and when two writings are the same name.

A name has a key (no accents, no spaces, numbers without their zeros) by which it is looked up, and beside it
its letters and tones, by which it is told from others with the same key. A tone belongs to its syllable
wherever it is typed (`Hoà`, `Hòa`), and a letter or tone left out is no contradiction: `Bien Hoà` may be
`Biên Hòa`, but `Biên Hóa` may not.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from registry.encodings.letters import TONES


class _Letters(dict[int, str]):
    """What becomes of each letter, worked out when it is first met; for `str.translate`."""

    def __init__(self, change: Callable[[str], str]) -> None:
        super().__init__()
        self._change = change

    def __missing__(self, code: int) -> str:
        changed = self[code] = self._change(chr(code))
        return changed


def _bare(letter: str) -> str:
    base = "".join(sign for sign in unicodedata.normalize("NFD", letter) if unicodedata.category(sign) != "Mn")
    base = {"Đ": "D", "Ð": "D", "Ɖ": "D"}.get(base, base)
    return base if len(base) == 1 else letter


def _toneless(letter: str) -> str:
    marks = "".join(sign for sign in unicodedata.normalize("NFD", letter) if sign not in TONES)
    return {"Ð": "Đ", "Ɖ": "Đ"}.get(marks, unicodedata.normalize("NFC", marks))


def _tone(letter: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFD", letter) if sign in TONES)


_BASE, _LETTERS, _TONE = _Letters(_bare), _Letters(_toneless), _Letters(_tone)

#: What stands before a name, without accents: the words, and how they are shortened.
_KINDS: dict[str, str] = {
    "XA": "XA", "PHUONG": "PHUONG", "THITRAN": "THI TRAN", "DACKHU": "DAC KHU",
    "QUAN": "QUAN", "HUYEN": "HUYEN", "THIXA": "THI XA", "THANHPHO": "THANH PHO", "TINH": "TINH",
    "X": "XA", "P": "PHUONG", "F": "PHUONG", "TT": "THI TRAN", "TTR": "THI TRAN", "DK": "DAC KHU",
    "Q": "QUAN", "H": "HUYEN", "TX": "THI XA", "TP": "THANH PHO", "T": "TINH",
}  # fmt: skip
_LONG = r"THI ?TRAN|THI ?XA|THANH ?PHO|DAC ?KHU|PHUONG|HUYEN|QUAN|TINH|XA"
_SHORT = r"T\.? ?P|T\.? ?X|TTR|T\.? ?T|DK|[XPFQHT]"
_KIND = re.compile(rf"(?:({_LONG})[.: ]+|({_SHORT})(?:[.: ]+|(?=\d)))(?=[^\W_])")
_SHORT_NEXT = r"(?:TP|TX|TT|[XPQHT])\."
_MARKED = r"THỊ ?TRẤN|THỊ ?XÃ|THÀNH ?PHỐ|ĐẶC ?KHU|PHƯỜNG|HUYỆN|QUẬN|TỈNH|XÃ"
#: Where a kind begins in a text without separators, for texts with and without accents.
_BEFORE_KIND = {
    marked: re.compile(rf"(?<=[^\W_])(?<!\bTHI)(?<!\bTHỊ)[. ]+(?=(?:{words}) +[^\W_]|{_SHORT_NEXT})")
    for marked, words in ((True, _MARKED), (False, _LONG))
}

_SPLIT = re.compile(r"[,;/|()\[\]\n]+")
_DASH = re.compile(r"[-\u2010-\u2015]")
_APOSTROPHES = re.compile(r"['\u2018\u2019\u02BC`\u00B4]")
_WORD = re.compile(r"[^\W_]+")
_ZEROS = re.compile(r"^0+(?=\d)")
_Y = re.compile(r"(?<=[BCDGHKLMNPRSTVX])Y|(?<=QU)Y")
_COUNTRY = {"VIETNAM", "VN", "NUOCVIETNAM"}


@dataclass(frozen=True, slots=True)
class Name:
    """A name as written.

    Attributes:
        key: what it is looked up by; `y` after a consonant counts as `i` (`Mỹ`, `Mĩ`).
        letters: the same letters with their marks, without tones.
        tones: the tone of each word; empty for a word without one.
    """

    key: str
    letters: str
    tones: tuple[str, ...]

    @classmethod
    def of(cls, written: str) -> "Name":
        """Reads a name, of any case."""
        words = [_ZEROS.sub("", word) for word in _WORD.findall(_APOSTROPHES.sub("", written.upper()))]
        joined = "".join(words)
        key = _Y.sub("I", joined.translate(_BASE))
        return cls(key, joined.translate(_LETTERS), tuple(word.translate(_TONE) for word in words))

    def equals(self, other: "Name") -> bool:
        """Whether letters and tones are all the same."""
        return self.letters == other.letters and self._tones_equal(other)

    def may_be(self, other: "Name") -> bool:
        """Whether nothing written here contradicts `other`, which has the same key."""
        letters = zip(self.letters, other.letters, strict=False)
        if any(mine != their and mine != mine.translate(_BASE) for mine, their in letters):
            return False
        if len(self.tones) == len(other.tones):
            return all(not mine or mine == their for mine, their in zip(self.tones, other.tones, strict=True))
        return not any(self.tones) or self._tones_equal(other)

    def _tones_equal(self, other: "Name") -> bool:
        return self.tones == other.tones or (
            len(self.tones) != len(other.tones) and "".join(self.tones) == "".join(other.tones)
        )


def is_marked(written: str) -> bool:
    """Whether any letter carries a mark: then a bare letter elsewhere is meant as it stands."""
    upper = written.upper()
    return upper != upper.translate(_BASE)


@lru_cache(maxsize=100_000)
def readings(part: str) -> tuple[tuple[str, Name], ...]:
    """Ways to read one part of a path as kind and name: `Q. 1` is a Quận named 1; `Quan Sơn` may be a name."""
    upper = part.upper().strip(" .:")
    whole = ("", Name.of(upper))
    if found := _KIND.match(upper.translate(_BASE)):
        kind = _KINDS["".join(sign for sign in found[0] if sign.isalpha())]
        return whole, (kind, Name.of(upper[found.end() :]))
    return (whole,)


def cuts(text: str, dashed: re.Pattern[str] | None) -> Iterator[list[str]]:
    """Yields the ways to cut a text into the parts of a path, the likeliest first.

    Args:
        text: commune, district and province in any order between `,` `;` `/` `-` or brackets, or each with
            its kind before it.
        dashed: the names that hold a dash themselves, as made by `dashed_names`.
    """
    parts = _parts(_SPLIT.split(text))
    if len(parts) > 1:
        yield parts
    if _DASH.search(text):
        upper = text.upper()
        held = dashed.sub(lambda name: _DASH.sub(" ", name[0]), upper.translate(_BASE)) if dashed else upper
        kept = "".join(" " if sign == " " else own for sign, own in zip(held, upper, strict=True))
        again = _parts(_SPLIT.split(_DASH.sub(",", kept)))
        if again != parts and len(again) > 1:
            yield again
    if len(parts) == 1:
        ends = [0]
        for gap in _BEFORE_KIND[is_marked(text)].finditer(text.upper()):
            ends += [gap.start(), gap.end()]
        if len(ends) > 1:
            yield [text[start:end] for start, end in zip(ends[::2], [*ends[1::2], len(text)], strict=True)]


def dashed_names(names: Iterator[str]) -> re.Pattern[str] | None:
    """Makes the pattern of the names that hold a dash, without accents and with any spaces around the dash."""
    found = {r" ?[-\u2010-\u2015] ?".join(map(re.escape, _dash_parts(name))) for name in names if _DASH.search(name)}
    return re.compile("|".join(sorted(found))) if found else None


def _dash_parts(name: str) -> list[str]:
    return [part.strip() for part in _DASH.split(name.upper().translate(_BASE))]


def _parts(found: list[str]) -> list[str]:
    parts = [part for part in (part.strip(" .:") for part in found) if part]
    if len(parts) > 1 and Name.of(parts[-1]).key in _COUNTRY:
        parts.pop()
    return parts
