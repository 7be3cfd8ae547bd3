"""Opens a landed file by the format that its name says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from registry.formats import archive, frames, text
from registry.formats.delimited import Delimited
from registry.formats.frames import Block, Reading
from registry.formats.headers import Headers, layout_of
from registry.formats.jsonl import JsonLines
from registry.formats.limits import Limits
from registry.formats.parquet import open_parquet, parquet_blocks
from registry.formats.reasons import FileRefusedError
from registry.formats.workbook import workbook_blocks
from registry.formats.xlsx import sheet_rows


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A whole file: `table` as `frames.rows_schema`, `unreadable` as `frames.BROKEN_SCHEMA`.

    `rows` counts the physical data rows: all of them are in one of the two tables.
    """

    table: pa.Table
    unreadable: pa.Table
    rows: int
    encoding: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be read.

    Attributes:
        path: a private copy that nobody changes; its suffix means nothing.
        name: the name under which it was sent; its suffix says the format.
        encoding: what the sidecar states, if it does.
        headers: of its kind, see `headers.header_names`.
        limits: bounds.
    """

    path: Path
    name: str
    encoding: str | None
    headers: Headers
    limits: Limits


def open_file(source: Source) -> Reading:
    """Starts to read a file; its rows come out of `blocks` of what is returned, block by block.

    Raises:
        FileRefusedError: here or while blocks are taken: no rows can be had.
        FileHeldError: while blocks are taken: what came out so far must not be used.
    """
    for suffixes, reader in _READERS:
        if source.name.lower().endswith(suffixes):
            reading = Reading()
            archive.check_size(source.path, source.limits)
            reading.blocks = _counted(reader(source, reading), reading, source.limits)
            return reading
    raise FileRefusedError(
        "unknown_format",
        "The file's name ends in none of .csv .csv.gz .jsonl .jsonl.gz .xlsx .parquet; "
        "the sender must rename or convert it.",
    )


def read_file(path: Path, *, name: str, encoding: str | None, headers: Headers, limits: Limits) -> ReadFile:
    """Reads a whole file into memory; arguments as in `Source`, errors as in `open_file`."""
    reading = open_file(Source(path, name, encoding, headers, limits))
    blocks = list(reading.blocks)
    return ReadFile(
        table=pa.concat_tables([frames.no_rows(headers.kind), *(block.table for block in blocks)]),
        unreadable=pa.concat_tables([frames.none_broken(), *(block.unreadable for block in blocks)]),
        rows=reading.rows,
        encoding=reading.encoding,
        notes=tuple(reading.notes),
    )


def _counted(blocks: Iterator[Block], reading: Reading, limits: Limits) -> Iterator[Block]:
    """The same blocks; keeps the counts and the bound on rows."""
    for block in blocks:
        reading.readable += block.table.num_rows
        reading.unreadable += block.unreadable.num_rows
        if reading.rows > limits.rows:
            raise FileRefusedError(
                "too_many_rows", f"The file has more than {limits.rows} rows; the sender must split it."
            )
        yield block


def _text_of(source: Source, reading: Reading) -> tuple[Iterator[bytes], text.Encoding]:
    """The bytes of a text file behind its byte order mark, and what they are written in."""
    zipped = source.name.lower().endswith(".gz")
    pieces = archive.text_pieces(source.path, zipped=zipped, limits=source.limits)
    head = b""
    while len(head) < text.SAMPLE and (piece := next(pieces, b"")):
        head += piece
    encoding = text.encoding_of(head, source.encoding)
    reading.encoding = encoding.name

    def behind() -> Iterator[bytes]:
        for start in range(encoding.bom, len(head), source.limits.block_bytes):
            yield head[start : start + source.limits.block_bytes]
        yield from pieces

    return behind(), encoding


def _delimited(source: Source, reading: Reading) -> Iterator[Block]:
    pieces, encoding = _text_of(source, reading)
    yield from Delimited(
        pieces, encoding=encoding, headers=source.headers, limits=source.limits, reading=reading
    ).blocks()


def _json_lines(source: Source, reading: Reading) -> Iterator[Block]:
    pieces, encoding = _text_of(source, reading)
    yield from JsonLines(
        pieces, encoding=encoding, headers=source.headers, limits=source.limits, reading=reading
    ).blocks()


def _workbook(source: Source, reading: Reading) -> Iterator[Block]:
    rows = sheet_rows(source.path, source.limits)
    yield from workbook_blocks(rows, headers=source.headers, limits=source.limits, reading=reading)


def _parquet(source: Source, reading: Reading) -> Iterator[Block]:
    file = open_parquet(source.path, source.limits)
    layout = layout_of(file.schema_arrow.names, source.headers, max_columns=source.limits.columns)
    reading.notes.extend(layout.notes)
    yield from parquet_blocks(file, layout, source.limits)


_READERS: tuple[tuple[tuple[str, ...], Callable[[Source, Reading], Iterator[Block]]], ...] = (
    ((".csv", ".csv.gz"), _delimited),
    ((".jsonl", ".jsonl.gz"), _json_lines),
    ((".xlsx",), _workbook),
    ((".parquet",), _parquet),
)
