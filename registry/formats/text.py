"""Encodings: what a text file is written in, and its text as UTF-8.

Readers find rows in UTF-8 or in an old encoding of Vietnamese, in which separators, quotation marks and line ends
are the same single bytes; only whole rows of those are turned into UTF-8. UTF-16 is turned into UTF-8 block by
block on the way in, and what is kept of an unreadable row is turned back. So its bytes are those of the file.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from registry.encodings import TCVN3, VIQR, VNI, WINDOWS_1258
from registry.encodings.detection import OLD_ENCODINGS, readings_of
from registry.formats import lines

#: Encodings that can be read, by the names that sidecars use for them, in lower case and with hyphens.
CODECS: dict[str, str] = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "ascii": "utf-8",
    "us-ascii": "utf-8",
    "utf-16": "utf-16-le",
    "utf16": "utf-16-le",
    "utf-16le": "utf-16-le",
    "utf-16-le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-16-be": "utf-16-be",
    **dict.fromkeys(("windows-1258", "win-1258", "cp1258", "cp-1258", "x-cp1258", "1258"), WINDOWS_1258),
    **dict.fromkeys(("tcvn3", "tcvn-3", "tcvn", "abc", "tcvn3-abc", "abc-tcvn3", "vn3", "tcvn-5712"), TCVN3),
    **dict.fromkeys(("vni", "vni-windows", "vni-win", "x-viet-vni"), VNI),
    **dict.fromkeys(("viqr", "csviqr", "x-viet-viqr"), VIQR),
}

#: A file in which this share of the rows, and this number of them, is no text in its encoding is in another one.
#: Nearly every row of a Vietnamese register has letters that would then be wrong, so damage is far from it.
UNDECIDED_SHARE, UNDECIDED_ROWS = 0.5, 3
UNDECIDED = "The file is not UTF-8 and nothing says what it is; the sender must state the encoding or send UTF-8."

_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ENDIAN = {"utf-16", "utf16"}
#: How many first bytes are looked at: for an old encoding, and for UTF-16.
SAMPLE = 256 * 1024
_UTF16_SAMPLE = 4096
#: In UTF-16 the separators and Latin letters of a header have a zero for their other half.
_NUL_SHARE, _NUL_NOISE = 0.2, 0.02
#: Stands for a byte that is left over at the end; it is never valid in UTF-8.
_LEFT_OVER = b"\xff"
#: First bytes in UTF-8: below the first alone, below the second never first, from then on first of so many.
_LONE_LIMIT, _FIRST_OF_TWO, _FIRST_OF_THREE, _FIRST_OF_FOUR = 0x80, 0xC0, 0xE0, 0xF0


@dataclass(frozen=True, slots=True)
class Encoding:
    """What a file is written in.

    Attributes:
        name: the codec in which its rows are told apart.
        bom: length of the byte order mark.
        doubt: why the file must be held, `None` when the encoding is clear.
        best: what it may be when it turns out not to be in `name`: the names of the best two readings.
    """

    name: str
    bom: int
    doubt: str | None = None
    best: tuple[str, str] | None = None

    @property
    def undecided(self) -> str:
        """The sentence with which the file is held."""
        if self.doubt is None and self.best is not None:
            return (
                f"The file is not UTF-8; it reads best as {self.best[0]}, then as {self.best[1]}, and neither is sure: "
                "the sender must state the encoding or send UTF-8."
            )
        return self.doubt or UNDECIDED


def encoding_of(head: bytes, stated: str | None) -> Encoding:
    """The encoding of a file by its first bytes and by what its sidecar states."""
    seen, bom = _seen(head)
    if stated is None:
        return Encoding(seen, bom) if seen else _detected(head)
    spelt = stated.strip().lower().replace("_", "-").replace(" ", "-")
    codec = CODECS.get(spelt)
    if codec is None:
        doubt = (
            "The sidecar states an encoding that cannot be read yet; the file waits for it, or the sender sends UTF-8."
        )
        return Encoding(seen or "utf-8", bom, doubt)
    if spelt in _ENDIAN and seen != "utf-8":
        return Encoding(seen or codec, bom)
    seen = seen or _shown(head, codec)
    if seen is not None and seen != codec:
        doubt = (
            "The sidecar states one encoding and the file's first bytes show another; "
            "the sender must say which is right."
        )
        return Encoding(seen, bom, doubt)
    return Encoding(codec, bom)


def _detected(head: bytes) -> Encoding:
    """The encoding of a file of which nothing is stated."""
    sample = _whole_lines(head)
    if not _may_be_old(sample):
        return Encoding("utf-8", 0)
    readings = readings_of(sample)
    return Encoding(readings.codec or "utf-8", 0, best=readings.best)


def _shown(head: bytes, stated: str) -> str | None:
    """What the first bytes clearly are, if they are anything but ASCII and the stated encoding is an old one."""
    if stated not in OLD_ENCODINGS:
        return None
    sample = _whole_lines(head)
    if sample.isascii():
        return None
    return readings_of(sample).codec if _may_be_old(sample) else "utf-8"


def _whole_lines(head: bytes) -> bytes:
    """A sample of the first bytes, without a last line that may be cut, if there are others."""
    sample = head[:SAMPLE]
    return sample[: sample.rfind(b"\n") + 1] or sample


def _may_be_old(sample: bytes) -> bool:
    """Whether a text may be in an old encoding: most of its lines beyond ASCII are not UTF-8, or it has VIQR's ^."""
    if sample.isascii():
        return b"^" in sample
    if lines.is_utf8(sample):
        return False
    beyond = [line for line in sample.split(b"\n") if not line.isascii()]
    return sum(not lines.is_utf8(line) for line in beyond) > UNDECIDED_SHARE * len(beyond)


def undecided(bad: int, rows: int) -> bool:
    """Whether so many `bad` rows mean another encoding, not damage."""
    return bad >= UNDECIDED_ROWS and bad > UNDECIDED_SHARE * rows


def _seen(head: bytes) -> tuple[str | None, int]:
    for mark, codec in _BOMS:
        if head.startswith(mark):
            return codec, len(mark)
    sample = head[: min(_UTF16_SAMPLE, len(head) & ~1)]
    if not sample:
        return None, 0
    half = len(sample) // 2
    even, odd = sample[::2].count(0) / half, sample[1::2].count(0) / half
    if odd > _NUL_SHARE and even < _NUL_NOISE:
        return "utf-16-le", 0
    if even > _NUL_SHARE and odd < _NUL_NOISE:
        return "utf-16-be", 0
    return None, 0


def row_codec(codec: str) -> str:
    """The codec of the bytes in which readers find the rows of a file in `codec`."""
    return codec if codec in OLD_ENCODINGS else "utf-8"


def as_rows(chunks: Iterator[bytes], codec: str) -> Iterator[bytes]:
    """The same text in `row_codec(codec)`. What is no text comes out as bytes that are no text either."""
    if codec == row_codec(codec):
        yield from chunks
        return
    errors = _errors(codec)
    decoder = codecs.getincrementaldecoder(codec)(errors)
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "surrogatepass")
    try:
        yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        yield _LEFT_OVER


def as_sent(part: bytes, codec: str) -> bytes:
    """The bytes of the file that came out of `as_rows` as `part`; a letter cut in two at its end is left out."""
    if codec == row_codec(codec):
        return part
    text = _whole_letters(part.removesuffix(_LEFT_OVER)).decode("utf-8", "surrogatepass")
    return text.encode(codec, _errors(codec))


def to_utf8(rows: bytes | memoryview, codec: str) -> bytes | memoryview:
    """Rows in `row_codec(codec)`, all of them text, as UTF-8; whatever stands between cells stays as it is."""
    return bytes(rows).decode(codec).encode() if codec in OLD_ENCODINGS else rows


def is_text(part: bytes | memoryview, codec: str) -> bool:
    """Whether all of `part`, which is in `row_codec(codec)`, is text."""
    return no_text_at(bytes(part), codec).size == 0 if codec in OLD_ENCODINGS else lines.is_utf8(part)


def no_text_at(part: bytes, codec: str) -> npt.NDArray[np.int64]:
    """Where `part`, which is in `row_codec(codec)`, is no text: one position at least for each such line."""
    if codec not in OLD_ENCODINGS:
        return lines.not_utf8_at(part)
    return np.flatnonzero(_no_text(codec)[np.frombuffer(part, np.uint8)])


@cache
def _no_text(codec: str) -> npt.NDArray[np.bool_]:
    """For each byte whether it has no meaning in an old encoding."""
    signs = (bytes([byte]).decode(codec, "surrogateescape") for byte in range(256))
    return np.array(["\udc80" <= sign <= "\udcff" for sign in signs])


def _whole_letters(part: bytes) -> bytes:
    """UTF-8 that was cut at some byte, without the letter of which only the first bytes are left."""
    for back in range(1, min(4, len(part)) + 1):
        first = part[-back]
        if first < _FIRST_OF_TWO:
            if first < _LONE_LIMIT:
                return part
            continue
        needed = 2 + (first >= _FIRST_OF_THREE) + (first >= _FIRST_OF_FOUR)
        return part if back >= needed else part[:-back]
    return part


def _errors(codec: str) -> str:
    return "surrogatepass" if codec.startswith("utf-16") else "surrogateescape"
