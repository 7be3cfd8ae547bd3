"""Rows that come out of a parser of their own, not out of delimited text: gathered, checked, made into blocks."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from registry.formats import frames
from registry.formats.frames import Block
from registry.formats.headers import Layout
from registry.formats.limits import Limits
from registry.formats.reasons import code_of

_TEXT = pa.large_string()
_AT_ONCE = 20_000


class RowGatherer:
    """Gathers rows of cells, and unreadable rows, into blocks."""

    def __init__(self, layout: Layout, limits: Limits) -> None:
        """`layout.places` says which cell of an added row is which column."""
        self._layout = layout
        self._limits = limits
        self._rows: list[Sequence[str | None]] = []
        self._row_no: list[int] = []
        self._broken: list[tuple[int, int, int | None, bytes, int]] = []

    @property
    def full(self) -> bool:
        """Whether it is time to take a block."""
        return len(self._rows) + len(self._broken) >= _AT_ONCE

    def add(self, row_no: int, cells: Sequence[str | None]) -> None:
        """A row whose cells could be told."""
        self._rows.append(cells)
        self._row_no.append(row_no)

    def add_broken(self, row_no: int, reason: str, kept: bytes, *, offset: int | None = None, size: int = 0) -> None:
        """A row whose cells could not be told, with its bytes and, if there were more of them, their number."""
        shown = kept[: self._limits.kept_bytes]
        self._broken.append((row_no, code_of(reason), offset, shown, max(size, len(kept))))

    def take(self) -> Block:
        """What was gathered since the last time."""
        rows, row_no = self._rows, np.array(self._row_no, np.int64)
        broken = [self._broken_table(self._broken)] if self._broken else []
        self._rows, self._row_no, self._broken = [], [], []
        if not rows:
            return Block(frames.no_rows(self._layout.kind), pa.concat_tables([frames.none_broken(), *broken]))
        columns = [pa.chunked_array([pa.array(column, _TEXT)]) for column in zip(*rows, strict=True)]
        block = checked_block(columns, row_no, self._layout, self._limits)
        if broken:
            both = pa.concat_tables([block.unreadable, *broken]).sort_by("row_no")
            block = Block(block.table, both)
        return block

    @staticmethod
    def _broken_table(broken: Iterable[tuple[int, int, int | None, bytes, int]]) -> pa.Table:
        row_no, reason, offset, kept, size = zip(*broken, strict=True)
        detail = [f"bytes={n}" if n > len(part) else None for part, n in zip(kept, size, strict=True)]
        return frames.broken_table(
            np.array(row_no, np.int64), np.array(reason, np.uint8), offset=offset, detail=detail, kept=kept
        )


def checked_block(
    columns: Sequence[pa.ChunkedArray], row_no: npt.NDArray[np.int64], layout: Layout, limits: Limits
) -> Block:
    """A block of text columns; rows with a cell that may not be are set aside, their cells kept as one CSV line."""
    columns = [empty_as_null(column) for column in columns]
    faults = frames.cell_faults(columns, row_no.size, limits)
    broken = frames.none_broken()
    bad = np.flatnonzero(faults)
    if bad.size:
        kept = list(_as_lines([column.take(pa.array(bad)) for column in columns]))
        broken = frames.broken_table(
            row_no[bad],
            faults[bad],
            offset=None,
            detail=[f"bytes={len(line)}" if len(line) > limits.kept_bytes else None for line in kept],
            kept=[line[: limits.kept_bytes] for line in kept],
        )
        good = pa.array(np.flatnonzero(faults == 0))
        columns, row_no = [column.take(good) for column in columns], row_no[faults == 0]
    named = {column: columns[place] for column, place in layout.places.items()}
    return Block(frames.rows_table(row_no, named, layout.kind), broken)


def empty_as_null(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column with null where a cell is empty."""
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, _TEXT), column)


def as_line(cells: Iterable[str | None]) -> bytes:
    """Cells as a CSV line in UTF-8: how an unreadable row is kept when its format has no lines."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(["" if cell is None else cell for cell in cells])
    return out.getvalue().encode("utf-8", "replace")


def _as_lines(columns: Sequence[pa.ChunkedArray]) -> Iterator[bytes]:
    for cells in zip(*(column.to_pylist() for column in columns), strict=True):
        yield as_line(cells)
