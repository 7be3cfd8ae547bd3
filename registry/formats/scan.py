"""Where the records of a delimited text are, and which of them are whole: found on the bytes, without a parser.

A line with an even number of quotation marks is a record. One with an odd number opens a quoted cell that goes
on in the next lines, up to the next line with an odd number: if all of them together are a well-formed record they
are one, else the first of them is a broken line and the search goes on with the next line. So an unclosed quote
spoils its own line and no other.

One thing cannot be told from the bytes: two lines with a stray quote each may look like one record with whole rows
inside a cell. A record in which more than one line looks like a whole row is therefore not believed.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from registry.formats.limits import Limits
from registry.formats.reasons import code_of

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]

_LF, _CR, _QUOTE = 10, 13, 34


@dataclass(slots=True)
class Records:
    """The records of a block of bytes.

    Attributes:
        start, end: first byte, and first byte behind the last, without the line end.
        reason: 0, or the code of what is wrong.
        fields: how many cells each record has.
        cells: bytes that the cells of each record hold once quotation marks and separators are taken away.
        used: length of the block that these records cover; the rest belongs to the next block.
        multiline: whether a record spans lines.
    """

    start: Ints
    end: Ints
    reason: Codes
    fields: Ints
    cells: Ints
    used: int
    multiline: bool


@dataclass(slots=True)
class _Lines:
    """Physical lines: `start`, `end` without and `after` with the line end."""

    start: Ints
    end: Ints
    after: Ints


@dataclass(slots=True)
class _Marks:
    """The separators and quotation marks of a block, as sorted positions.

    Whether a mark opens or closes depends on whether an even or an odd number of marks stands before its record:
    the last three hold one array for each.

    Attributes:
        quotes: all quotation marks.
        broken: quotation marks that stand where none may stand.
        doubled: second ones of two that stand for one in a cell.
        outside: separators that are not inside a quoted cell.
    """

    quotes: Ints
    broken: tuple[Ints, Ints]
    doubled: tuple[Ints, Ints]
    outside: tuple[Ints, Ints]


def scan(block: bytes, *, delimiter: int, width: int, limits: Limits, final: bool) -> Records:
    """The records of `block`, which starts at the start of a record.

    Args:
        block: bytes of the file behind its header.
        delimiter: the byte between cells.
        width: how many cells a row has.
        limits: `record_bytes` and `field_bytes` are used.
        final: nothing comes behind this block, so its last line need not end.
    """
    data = np.frombuffer(block, np.uint8)
    lines = _lines(block, data, final=final)
    if lines.start.size == 0:
        return Records(lines.start, lines.end, np.zeros(0, np.uint8), lines.start, lines.start, 0, multiline=False)
    if b'"' in block:
        marks = _marks(data, delimiter)
        records = _quoted(lines, marks, width=width, size=data.size, limits=limits, final=final)
    else:
        delims = _count(np.flatnonzero(data == delimiter), lines.start, lines.end)
        reason, cells = _by_width(delims + 1, width), lines.end - lines.start - delims
        records = Records(lines.start, lines.end, reason, delims + 1, cells, int(lines.after[-1]), multiline=False)
    _mark_content(block, data, records, delimiter, limits)
    return records


def _lines(block: bytes, data: npt.NDArray[np.uint8], *, final: bool) -> _Lines:
    breaks: Bools = data == _LF
    has_cr = b"\r" in block
    if has_cr:
        cr = np.flatnonzero(data == _CR)
        if cr.size and cr[-1] == data.size - 1:
            breaks[-1] = final
            cr = cr[:-1]
        breaks[cr[data[cr + 1] != _LF]] = True
    end = np.flatnonzero(breaks)
    after = end + 1
    if has_cr and end.size:
        end = end - ((data[end] == _LF) & (data[end - 1] == _CR) & (end > 0))
    if final and data.size > (after[-1] if after.size else 0):
        end, after = np.append(end, data.size), np.append(after, data.size)
    start = np.concatenate((np.zeros(min(1, end.size), np.int64), after[:-1]))
    return _Lines(start, end, after)


def _count(positions: Ints, start: Ints, end: Ints) -> Ints:
    """How many of the sorted `positions` lie in each range."""
    return np.searchsorted(positions, end) - np.searchsorted(positions, start)


def _by_width(fields: Ints, width: int) -> Codes:
    reason = np.zeros(fields.size, np.uint8)
    reason[fields < width] = code_of("too_few_fields")
    reason[fields > width] = code_of("too_many_fields")
    return reason


def _quoted(lines: _Lines, marks: _Marks, *, width: int, size: int, limits: Limits, final: bool) -> Records:
    before = np.searchsorted(marks.quotes, lines.start)
    context = before % 2 == 1
    odd = np.flatnonzero(np.diff(before, append=np.searchsorted(marks.quotes, lines.after[-1])) % 2)
    first, last, open_at = _joined(lines, marks, context, odd, width=width, limits=limits)
    used = int(lines.after[-1])
    if open_at is not None and not final and size - lines.start[open_at] <= limits.record_bytes:
        keep = first < open_at
        first, last, used = first[keep], last[keep], int(lines.start[open_at])
    start, end, context = lines.start[first], lines.end[last], context[first]
    quotes = _count(marks.quotes, start, end)
    fields = 1 + _by_context(marks.outside, context, start, end)
    reason = _by_width(fields, width)
    reason[quotes % 2 == 1] = code_of("unclosed_quote")
    reason[_by_context(marks.broken, context, start, end) > 0] = code_of("stray_quote")
    dropped = quotes - _by_context(marks.doubled, context, start, end)
    cells = end - start - (fields - 1) - dropped
    return Records(start, end, reason, fields, cells, used, multiline=bool((last > first).any()))


def _by_context(positions: tuple[Ints, Ints], context: Bools, start: Ints, end: Ints) -> Ints:
    """Counts in ranges, of the positions that fit each range's context."""
    counts = _count(positions[0], start, end)
    other = np.flatnonzero(context)
    if other.size:
        counts[other] = _count(positions[1], start[other], end[other])
    return counts


def _marks(data: npt.NDArray[np.uint8], delimiter: int) -> _Marks:
    position = np.flatnonzero((data == delimiter) | (data == _QUOTE))
    is_quote = data[position] == _QUOTE
    odd = np.bitwise_xor.accumulate(is_quote.view(np.uint8)).view(np.bool_)
    quotes, opens = position[is_quote], odd[is_quote]
    before, behind = data[quotes - 1], data[np.minimum(quotes + 1, data.size - 1)]
    no_open = ~_is_edge(before, delimiter) & (quotes > 0)
    no_close = ~_is_edge(behind, delimiter) & (quotes < data.size - 1)
    second = quotes[np.flatnonzero((before == _QUOTE) & (quotes > 0))]
    second_opens = opens[np.searchsorted(quotes, second)]
    return _Marks(
        quotes,
        (quotes[np.where(opens, no_open, no_close)], quotes[np.where(opens, no_close, no_open)]),
        (second[second_opens], second[~second_opens]),
        (position[~(is_quote | odd)], position[~is_quote & odd]),
    )


def _is_edge(data: npt.NDArray[np.uint8], delimiter: int) -> Bools:
    """Whether a byte may stand beside the quotation mark that opens or closes a cell."""
    edge: Bools = (data == delimiter) | (data == _LF) | (data == _CR) | (data == _QUOTE)
    return edge


def _joined(
    lines: _Lines, marks: _Marks, context: Bools, odd: Ints, *, width: int, limits: Limits
) -> tuple[Ints, Ints, int | None]:
    """First and last line of each record; and the line whose open quote may close in the next block."""
    whole = _whole(lines, marks, context, odd, width=width, limits=limits).tolist()
    shift = np.zeros(lines.start.size + 1, np.int64)
    at, open_at = 0, None
    while at < odd.size:
        if at == odd.size - 1:
            open_at = int(odd[at])
        elif whole[at]:
            shift[odd[at] + 1] += 1
            shift[odd[at + 1] + 1] -= 1
            at += 1
        at += 1
    first = np.flatnonzero(np.cumsum(shift[:-1]) == 0)
    last = np.append(first[1:], lines.start.size) - 1
    return first, last, open_at


def _whole(lines: _Lines, marks: _Marks, context: Bools, odd: Ints, *, width: int, limits: Limits) -> Bools:
    """For each odd line but the last: whether the lines from it to the next odd line are one record."""
    first, last = odd[:-1], odd[1:]
    start, end, context = lines.start[first], lines.end[last], context[first]
    well_formed = _by_context(marks.broken, context, start, end) == 0
    fields = 1 + _by_context(marks.outside, context, start, end)
    delims = _count(marks.outside[0], lines.start, lines.end) + _count(marks.outside[1], lines.start, lines.end)
    rows = np.flatnonzero(delims >= width - 1)
    rows_behind = _count(rows, first + 1, last + 1)
    rows_all = _count(rows, first, last + 1)
    believed = np.where(fields == width, rows_all <= 1, rows_behind == 0)
    whole: Bools = well_formed & (end - start <= limits.record_bytes) & believed
    return whole


def _mark_content(block: bytes, data: npt.NDArray[np.uint8], records: Records, delimiter: int, limits: Limits) -> None:
    """Marks blank, NUL and long records, and those with a long cell."""
    length = records.end - records.start
    good = records.reason == 0
    for record in np.flatnonzero(good & (length > limits.field_bytes)).tolist():
        part = data[records.start[record] : records.end[record]]
        if _longest_cell(part, delimiter) > limits.field_bytes:
            records.reason[record] = code_of("field_too_long")
    if b"\0" in block:
        at = np.searchsorted(records.start, np.flatnonzero(data[: records.used] == 0), side="right") - 1
        records.reason[at] = code_of("nul_byte")
    records.reason[length > limits.record_bytes] = code_of("row_too_long")
    records.reason[length == 0] = code_of("blank_line")


def _longest_cell(record: npt.NDArray[np.uint8], delimiter: int) -> int:
    """Length of the longest cell as written: quotation marks and doubled ones count."""
    outside = np.cumsum(record == _QUOTE) % 2 == 0
    cuts = np.flatnonzero((record == delimiter) & outside)
    return int(np.diff(np.concatenate(([-1], cuts, [record.size]))).max()) - 1
