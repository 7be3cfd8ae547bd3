"""Whether a file is a picture that can be printed: JPEG or JPEG 2000, read from its first bytes alone.

Nothing is decoded. Only the few fields that say how large a picture is are read, every step goes forward, and whatever
the bytes are the answer is a size or a reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass

#: So many first bytes tell: what may stand before the size (EXIF, colour profiles) is smaller.
HEAD_BYTES = 128 * 1024

#: Pixels of the shorter and of the longer side. A photo is printed 20 × 30 mm: 236 × 354 at 300 dots an inch.
LEAST_SIDE, MOST_SIDE = 200, 8000
#: Bytes of the whole file.
MOST_BYTES = 8 * 1024 * 1024

#: Why a file is no such picture, for the station that took it.
REASONS: Mapping[str, str] = {
    "empty": "the file is empty",
    "unknown-format": "the file is neither a JPEG nor a JPEG 2000",
    "cut": "the file ends, or goes on too long, before it says how large the picture is",
    "broken": "what should say how large the picture is makes no sense",
    "coding": "the JPEG is coded in a way that is not printed: only baseline and progressive are",
    "colours": "the picture is neither grey nor of three colours",
    "too-small": f"a side of the picture has fewer than {LEAST_SIDE} pixels",
    "too-large": f"a side of the picture has more than {MOST_SIDE} pixels",
    "too-many-bytes": f"the file has more than {MOST_BYTES} bytes",
}

_JPEG = b"\xff\xd8\xff"
_JP2 = b"\x00\x00\x00\x0cjP  \r\n\x87\n"
_JP2_CODESTREAM = b"\xff\x4f\xff\x51"

#: Markers of JPEG (ITU-T T.81, table B.1): frames that are printed, all frames, and those after which no frame comes.
_PRINTED_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_NO_MORE = frozenset({0xD8, 0xD9, 0xDA})
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_COLOURS = frozenset({1, 3})


@dataclass(frozen=True)
class Picture:
    """What the first bytes of a file say.

    Attributes:
        format: `jpeg` or `jpeg2000`; empty where they are of neither.
        width: in pixels; 0 where it is not told.
        height: the same.
        reason: of `REASONS`; empty for a picture that can be printed.
    """

    format: str = ""
    width: int = 0
    height: int = 0
    reason: str = ""


class _Told(Exception):
    """The bytes say why they are no picture of ours: `reason` of `REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def look_at(head: bytes, size: int) -> Picture:
    """Says what the file is that begins so.

    Args:
        head: its first bytes, `HEAD_BYTES` or all.
        size: how many it has.
    """
    if not size or not head:
        return Picture(reason="empty")
    if head.startswith(_JPEG):
        found, read = "jpeg", _jpeg
    elif head.startswith((_JP2, _JP2_CODESTREAM)):
        found, read = "jpeg2000", _jpeg2000
    else:
        return Picture(reason="unknown-format")
    if size > MOST_BYTES:
        return Picture(found, reason="too-many-bytes")
    try:
        width, height, colours = read(head)
    except _Told as told:
        return Picture(found, reason=told.reason)
    return Picture(found, width, height, _sanity(width, height, colours))


def _sanity(width: int, height: int, colours: int) -> str:
    if not width or not height:
        return "broken"
    if colours not in _COLOURS:
        return "colours"
    if min(width, height) < LEAST_SIDE:
        return "too-small"
    return "too-large" if max(width, height) > MOST_SIDE else ""


def _number(head: bytes, at: int, width: int) -> int:
    if at + width > len(head):
        raise _Told("cut")
    return int.from_bytes(head[at : at + width], "big")


def _jpeg(head: bytes) -> tuple[int, int, int]:
    """Width, height and colours of a JPEG (ITU-T T.81, B.2.2)."""
    at = len(_JPEG) - 1
    while True:
        if _number(head, at, 1) != 0xFF:  # noqa: PLR2004 - each marker begins so
            raise _Told("broken")
        while _number(head, at, 1) == 0xFF:  # noqa: PLR2004 - and may have more of it before it
            at += 1
        marker = head[at]
        if marker in _NO_MORE or not marker:
            raise _Told("broken")
        if marker in _FRAMES:
            break
        at += 1 if marker in _ALONE else 1 + _at_least(_number(head, at + 1, 2), 2)
    if marker not in _PRINTED_FRAMES:
        raise _Told("coding")
    height, width, colours = _number(head, at + 4, 2), _number(head, at + 6, 2), _number(head, at + 8, 1)
    if _number(head, at + 1, 2) != 8 + 3 * colours:
        raise _Told("broken")
    return width, height, colours


def _at_least(length: int, least: int) -> int:
    """A length that leads forward."""
    if length < least:
        raise _Told("broken")
    return length


def _jpeg2000(head: bytes) -> tuple[int, int, int]:
    """Width, height and colours of a JPEG 2000: of a JP2 file (ITU-T T.800, annex I) or of the bare codestream."""
    if head.startswith(_JP2_CODESTREAM):
        return _codestream(head)
    at = len(_JP2)
    while True:
        length, kind, inside = _number(head, at, 4), head[at + 4 : at + 8], at + 8
        if kind == b"jp2h":
            break
        if length == 1:  # the length follows in eight bytes
            length, inside = _number(head, at + 8, 8), at + 16
        at += _at_least(length, inside - at)
    if _number(head, inside, 4) != 22 or head[inside + 4 : inside + 8] != b"ihdr":  # noqa: PLR2004 - it comes first
        raise _Told("cut" if len(head) < inside + 8 else "broken")
    return _number(head, inside + 12, 4), _number(head, inside + 8, 4), _number(head, inside + 16, 2)


def _codestream(head: bytes) -> tuple[int, int, int]:
    """The same of the segment SIZ (ITU-T T.800, A.5.1): the picture is the grid less its offset."""
    right, bottom, left, top = (_number(head, 8 + 4 * part, 4) for part in range(4))
    return max(right - left, 0), max(bottom - top, 0), _number(head, 40, 2)
