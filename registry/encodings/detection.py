"""What old encoding a text is in: each reading is scored by how Vietnamese it is, the best must be clearly ahead."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from registry.encodings import TCVN3, VIQR, VNI, WINDOWS_1258
from registry.encodings.syllables import how_vietnamese, marked_words

#: Codec → the name that people know it by.
OLD_ENCODINGS: dict[str, str] = {TCVN3: "TCVN3", VNI: "VNI", VIQR: "VIQR", WINDOWS_1258: "windows-1258"}

#: A reading is believed from this score on, and when it is so far ahead of the next one. A register's names and
#: places score 0.4 and more in their own encoding; French, English and wrong readings score below 0.1.
CLEAR, AHEAD = 0.2, 0.15
#: It must have so many different legal words with marks: fewer may be chance.
FEWEST_WORDS = 5

_CELLS = re.compile(rb'[^\r\n\t,;|"]+')


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings of a text.

    Attributes:
        codec: the one that is clearly right, or `None`.
        best: names of the best two, the better first.
    """

    codec: str | None
    best: tuple[str, str]


def readings_of(sample: bytes) -> Readings:
    """How the bytes of a delimited text or of JSON lines read in each old encoding."""
    return best_reading(set(_CELLS.findall(sample)))


def best_reading(cells: Iterable[bytes], codecs: Iterable[str] = tuple(OLD_ENCODINGS)) -> Readings:
    """How some distinct cells read in each of `codecs`, at least two."""
    joined = b"\n".join(cells)
    texts = {codec: joined.decode(codec, "surrogateescape") for codec in codecs}
    scores = {codec: how_vietnamese([text]) for codec, text in texts.items()}
    first, second, *_ = sorted(scores, key=lambda codec: -scores[codec])
    clear = scores[first] >= CLEAR and scores[first] - scores[second] >= AHEAD and _enough(texts[first])
    return Readings(first if clear else None, (OLD_ENCODINGS.get(first, first), OLD_ENCODINGS.get(second, second)))


def _enough(text: str) -> bool:
    return marked_words("\n".join(set(text.split())))[1] >= FEWEST_WORDS
