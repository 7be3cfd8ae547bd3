"""Small tools on lines of bytes, used where there are few of them: headers and broken rows."""

import codecs
import re
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa

_NOT_UTF8 = "dancu-not-utf8"


def with_last(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Each piece, and whether it is the last."""
    held: bytes | None = None
    for piece in pieces:
        if held is not None:
            yield held, False
        held = piece
    if held is not None:
        yield held, True


def line_end(data: bytes, start: int = 0, *, final: bool) -> tuple[int, int] | None:
    """End of the line at `start`, without and with its line end; `None` when it is not in `data`."""
    lf, cr = data.find(b"\n", start), data.find(b"\r", start)
    if cr >= 0 and (lf < 0 or cr < lf - 1):
        if cr == len(data) - 1 and not final:
            return None
        return cr, cr + 1
    if lf >= 0:
        return (cr if cr == lf - 1 and cr >= start else lf), lf + 1
    return (len(data), len(data)) if final else None


def record_end(data: bytes, *, final: bool) -> tuple[int, int] | None:
    """As `line_end`, for the first record: line ends between quotation marks belong to it."""
    start = 0
    while (end := line_end(data, start, final=final)) is not None:
        if data.count(b'"', 0, end[0]) % 2 == 0:
            return end
        if end[1] >= len(data):
            return None
        start = end[1]
    return None


def split_record(record: str, delimiter: str) -> list[str] | None:
    """The cells of one record; `None` when its quotation marks are not well-formed."""
    mark = re.escape(delimiter)
    cell = re.compile(rf'(?:"((?:[^"]|"")*)"|([^"{mark}]*))({mark}|\Z)')
    cells, at = [], 0
    while (found := cell.match(record, at)) is not None:
        quoted, bare, behind = found.groups()
        cells.append(bare if quoted is None else quoted.replace('""', '"'))
        if not behind:
            return cells
        at = found.end()
    return None


def is_utf8(data: bytes | memoryview) -> bool:
    """Whether all of `data` is well-formed UTF-8."""
    if not len(data):
        return True
    offsets = pa.array([0, len(data)], pa.int64()).buffers()[1]
    try:
        pa.Array.from_buffers(pa.large_string(), 1, [None, offsets, pa.py_buffer(data)]).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def not_utf8_at(data: bytes) -> npt.NDArray[np.int64]:
    """Where `data` is not UTF-8: one position at least for each line that has such a place."""
    found: list[int] = []

    def note(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeDecodeError):
            raise error
        found.append(error.start)
        line = data.find(b"\n", error.start)
        return "", len(data) if line < 0 else line

    codecs.register_error(_NOT_UTF8, note)
    data.decode("utf-8", _NOT_UTF8)
    return np.array(found, np.int64)


def gathered(
    data: bytes, *, start: npt.NDArray[np.int64], end: npt.NDArray[np.int64], kept: npt.NDArray[np.int64]
) -> bytes | memoryview:
    """The records `kept` of `data`, one behind the other; runs of neighbours are taken as they stand."""
    view = memoryview(data)
    breaks = np.flatnonzero(np.diff(kept) != 1)
    firsts = start[kept[np.concatenate(([0], breaks + 1))]].tolist()
    lasts = end[kept[np.append(breaks, kept.size - 1)]].tolist()
    if len(firsts) == 1:
        return view[firsts[0] : lasts[0]]
    return b"\n".join([view[a:b] for a, b in zip(firsts, lasts, strict=True)])
