"""What readers hand on: blocks of readable rows and of unreadable ones, as pyarrow tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from registry.formats.limits import Limits
from registry.formats.reasons import ROW_REASONS, code_of
from registry.forms import UNREADABLE_SCHEMA
from registry.kinds import FileKind

#: Unreadable rows of one file: `UNREADABLE_SCHEMA` without `file_no`.
BROKEN_SCHEMA: pa.Schema = UNREADABLE_SCHEMA.remove(0)

_TEXT = pa.large_string()
_RETURN_COLUMNS = ("returned_file", "returned_row")
_WHOLE_NUMBER = r"^\s*[0-9]{1,18}(\.0)?\s*$"


@dataclass(slots=True)
class Block:
    """Some rows of a file: `table` as `rows_schema`, `unreadable` as `BROKEN_SCHEMA`."""

    table: pa.Table
    unreadable: pa.Table


@dataclass(slots=True)
class Reading:
    """A file being read. The counts and notes are complete when `blocks` has run out.

    Attributes:
        blocks: the rows, in the order of the file.
        encoding: the text's encoding, `None` for formats that have their own.
        notes: what was ignored, without personal data.
        readable, unreadable: rows so far.
    """

    blocks: Iterator[Block] = field(default_factory=lambda: iter(()))
    encoding: str | None = None
    notes: list[str] = field(default_factory=list)
    readable: int = 0
    unreadable: int = 0

    @property
    def rows(self) -> int:
        """Physical data rows so far."""
        return self.readable + self.unreadable


def rows_schema(kind: FileKind) -> pa.Schema:
    """Readable rows of one file: the kind's rows as read, without `file_no`."""
    return kind.read.remove(0)


def rows_table(row_no: npt.NDArray[np.int64], cells: Mapping[str, pa.ChunkedArray], kind: FileKind) -> pa.Table:
    """Readable rows from the columns that the file has; empty cells and absent columns are null."""
    absent = pa.nulls(row_no.size, _TEXT)
    numbers = [_whole_numbers(cells.get(column), row_no.size) for column in _RETURN_COLUMNS]
    columns = [pa.array(row_no), *(cells.get(column, absent) for column in kind.columns), *numbers]
    return pa.table(columns, schema=rows_schema(kind))


def _whole_numbers(cells: pa.ChunkedArray | None, size: int) -> pa.Array | pa.ChunkedArray:
    if cells is None:
        return pa.nulls(size, pa.int64())
    whole = pc.if_else(pc.match_substring_regex(cells, _WHOLE_NUMBER), cells, pa.scalar(None, _TEXT))
    digits = pc.replace_substring_regex(whole, r"\s|\.0", "")
    return pc.cast(digits, pa.int64())


def broken_table(
    row_no: npt.NDArray[np.int64],
    reason: npt.NDArray[np.uint8],
    *,
    offset: Sequence[int] | npt.NDArray[np.int64] | None,
    detail: Sequence[str | None],
    kept: Sequence[bytes] | pa.Array,
) -> pa.Table:
    """Unreadable rows. `reason` holds codes of `ROW_REASONS`; `offset` is `None` where the format has none."""
    words = pa.array(ROW_REASONS, _TEXT).take(pa.array(reason - 1))
    offsets = pa.nulls(row_no.size, pa.int64()) if offset is None else pa.array(offset, pa.int64())
    columns = [
        pa.array(row_no, pa.int64()),
        offsets,
        words,
        pa.array(detail, _TEXT),
        kept if isinstance(kept, pa.Array) else pa.array(kept, pa.large_binary()),
    ]
    return pa.table(columns, schema=BROKEN_SCHEMA)


def no_rows(kind: FileKind) -> pa.Table:
    """No readable row."""
    return rows_schema(kind).empty_table()


def none_broken() -> pa.Table:
    """No unreadable row."""
    return BROKEN_SCHEMA.empty_table()


def text_bytes(column: pa.ChunkedArray) -> int:
    """Bytes that the cells of a large text column hold, from its offsets."""
    total = 0
    for chunk in column.chunks:
        offsets = np.frombuffer(chunk.buffers()[1], np.int64)
        total += int(offsets[chunk.offset + len(chunk)] - offsets[chunk.offset])
    return total


def cell_faults(cells: Sequence[pa.ChunkedArray], size: int, limits: Limits) -> npt.NDArray[np.uint8]:
    """For each row 0, or the code of what is wrong inside one of its cells: NUL, too long.

    For formats whose cells come out of a parser of their own.
    """
    faults = np.zeros(size, np.uint8)
    for column in cells:
        longest = pc.max(pc.binary_length(column)).as_py() or 0
        if longest > limits.field_bytes:
            faults[_mask(pc.greater(pc.binary_length(column), limits.field_bytes))] = code_of("field_too_long")
        if pc.any(pc.match_substring(column, "\0")).as_py():
            faults[_mask(pc.match_substring(column, "\0"))] = code_of("nul_byte")
    return faults


def _mask(flags: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    mask: npt.NDArray[np.bool_] = pc.fill_null(flags, False).combine_chunks().to_numpy(zero_copy_only=False)
    return mask
