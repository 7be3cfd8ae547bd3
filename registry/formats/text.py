"""Encodings: what a text file is written in, and its text as UTF-8.

Readers work on UTF-8 bytes. A file in another encoding is turned into UTF-8 block by block on the way in, and
what is kept of an unreadable row is turned back, so that the row's bytes are those of the file.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

#: Encodings that can be read, by the names that sidecars use for them. A further encoding needs a Python codec
#: (`codecs.register`) and its line here.
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
#: How many first bytes are looked at.
SAMPLE = 4096
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
    """

    name: str
    bom: int
    doubt: str | None = None


def encoding_of(head: bytes, stated: str | None) -> Encoding:
    """The encoding of a file by its first bytes and by what its sidecar states."""
    seen, bom = _seen(head)
    if stated is None:
        return Encoding(seen or "utf-8", bom)
    codec = CODECS.get(stated.strip().lower().replace("_", "-"))
    if codec is None:
        doubt = (
            "The sidecar states an encoding that cannot be read yet; the file waits for it, or the sender sends UTF-8."
        )
        return Encoding(seen or "utf-8", bom, doubt)
    if stated.strip().lower() in _ENDIAN and seen != "utf-8":
        return Encoding(seen or codec, bom)
    if seen is not None and seen != codec:
        doubt = (
            "The sidecar states one encoding and the file's first bytes show another; "
            "the sender must say which is right."
        )
        return Encoding(seen, bom, doubt)
    return Encoding(codec, bom)


def undecided(bad: int, rows: int) -> bool:
    """Whether so many `bad` rows mean another encoding, not damage."""
    return bad >= UNDECIDED_ROWS and bad > UNDECIDED_SHARE * rows


def _seen(head: bytes) -> tuple[str | None, int]:
    for mark, codec in _BOMS:
        if head.startswith(mark):
            return codec, len(mark)
    sample = head[: min(SAMPLE, len(head) & ~1)]
    if not sample:
        return None, 0
    half = len(sample) // 2
    even, odd = sample[::2].count(0) / half, sample[1::2].count(0) / half
    if odd > _NUL_SHARE and even < _NUL_NOISE:
        return "utf-16-le", 0
    if even > _NUL_SHARE and odd < _NUL_NOISE:
        return "utf-16-be", 0
    return None, 0


def as_utf8(chunks: Iterator[bytes], codec: str) -> Iterator[bytes]:
    """The same text in UTF-8. What is no text comes out as bytes that are not UTF-8 either."""
    if codec == "utf-8":
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
    """The bytes of the file of which `part` is the UTF-8; a letter that `part` cuts in two at its end is left out."""
    if codec == "utf-8":
        return part
    text = _whole_letters(part.removesuffix(_LEFT_OVER)).decode("utf-8", "surrogatepass")
    return text.encode(codec, _errors(codec))


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
