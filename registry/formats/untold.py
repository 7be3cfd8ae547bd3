"""Rows of a text file whose encoding nobody knows: its lines, as bytes, so that they are kept and can be counted."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from registry.formats.frames import Block, broken_table, no_rows
from registry.formats.reasons import code_of
from registry.kinds import FileKind


def untold_rows(pieces: Iterator[bytes], *, header: bool, kind: FileKind) -> Iterator[Block]:
    """Every line behind the header as an unreadable row with the reason `encoding`; none for the end of the file.

    Args:
        pieces: the file's bytes, decompressed.
        header: whether the first line names the columns.
        kind: of the file.
    """
    row_no, offset, rest = int(not header), 0, b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield Block(no_rows(kind), _broken(lines, row_no=row_no, offset=offset))
        row_no += len(lines)
        offset += sum(map(len, lines)) + len(lines)
    if rest:
        yield Block(no_rows(kind), _broken([rest], row_no=row_no, offset=offset))


def _broken(lines: list[bytes], *, row_no: int, offset: int) -> pa.Table:
    sizes = np.fromiter(map(len, lines), np.int64, len(lines)) + 1
    starts = offset + np.cumsum(sizes) - sizes
    numbers = row_no + np.arange(len(lines))
    rows = numbers > 0
    return broken_table(
        numbers[rows],
        np.full(int(rows.sum()), code_of("encoding"), np.uint8),
        offset=starts[rows],
        detail=[None] * int(rows.sum()),
        kept=pa.array(lines, pa.large_binary()).filter(pa.array(rows)),
    )
