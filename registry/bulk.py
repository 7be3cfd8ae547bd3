"""Bulk in and out of PostgreSQL: Arrow on our side, COPY in CSV on the wire.

CSV tells null (nothing) from the empty text (`""`), is written and parsed by Arrow in blocks without Python
per value, and was faster than ADBC's binary COPY. The next block is encoded while the last one is sent.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql
from pyarrow import csv
from sqlalchemy import Connection

from registry.database_errors import values_hidden
from registry.errors import PlatformError

_BLOCK = 4 * 1024 * 1024

_WRITE = csv.WriteOptions(include_header=False, quoting_style="needed", batch_size=1 << 16)
_PARSE = csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)

_HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode("ascii"), dtype="S2")
_NIBBLES = np.zeros(256, dtype=np.uint8)
_NIBBLES[np.frombuffer(b"0123456789abcdef", dtype=np.uint8)] = np.arange(16, dtype=np.uint8)

Given = TypeVar("Given")


def copy_in(
    connection: Connection, table: str, columns: Sequence[str], source: pa.Table | Iterable[pa.RecordBatch]
) -> int:
    """COPY the `columns` of `source` into the columns of the same names of `table`; how many rows.

    Part of the connection's transaction. Null stays null and the empty text stays empty; binary columns go to
    `bytea`, dictionaries as their values. Memory is bounded by a batch and two blocks of 4 MB.

    Raises:
        psycopg.Error: the server refused a value; the text names table, column and kind, never the value.
        PlatformError: the server took a different number of rows than it was sent.
    """
    batches = source.to_batches() if isinstance(source, pa.Table) else source
    slices = (part for batch in batches for part in _slices(batch.select(list(columns))))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(
        sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    sent = 0
    with _cursor(connection) as cursor:
        with cursor.copy(statement) as copy:
            for rows, block in ahead(map(_encode, slices)):
                copy.write(memoryview(block))
                sent += rows
        taken = cursor.rowcount
    if taken != sent:
        raise PlatformError(f"COPY into {table} was sent {sent} rows and took {taken}")
    return sent


def copy_out(
    connection: Connection, query: str, schema: pa.Schema, params: Mapping[str, object] | None = None
) -> pa.Table:
    """The rows of `query` (its columns in the order of `schema`) as a table of exactly that schema.

    `params` fill `%(name)s` in the query. The whole result is in memory: for more, `stream_out`.
    """
    return pa.Table.from_batches(stream_out(connection, query, schema, params), schema=schema)


def stream_out(
    connection: Connection, query: str, schema: pa.Schema, params: Mapping[str, object] | None = None
) -> Generator[pa.RecordBatch]:
    """The rows of `query` as batches of `schema`, of about 4 MB each; read it to the end or close it."""
    statement = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv)").format(sql.SQL(query))
    options = csv.ConvertOptions(
        column_types={field.name: _wire_type(field.type) for field in schema},
        null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False,
        true_values=["t"], false_values=["f"], include_columns=schema.names,
    )  # fmt: skip

    def parse(block: bytearray) -> pa.Table:
        reading = csv.ReadOptions(column_names=schema.names, use_threads=False, block_size=len(block) + 1)
        parsed = csv.read_csv(pa.BufferReader(block), reading, _PARSE, options)
        arrays = [_from_wire(parsed.column(field.name), field.type) for field in schema]
        return pa.table(arrays, schema=schema)

    with _cursor(connection) as cursor, cursor.copy(statement, params) as copy:
        for block in _blocks(copy):
            yield from parse(block).to_batches()


@contextmanager
def _cursor(connection: Connection) -> Iterator[psycopg.Cursor[Any]]:
    """The cursor of psycopg inside the transaction of a SQLAlchemy connection; errors lose their values."""
    if not connection.in_transaction():
        connection.begin()
    with values_hidden(), cast("psycopg.Cursor[Any]", connection.connection.cursor()) as cursor:
        yield cursor


def ahead(items: Iterable[Given]) -> Generator[Given]:
    """The items, each made on a second thread while the caller works on the one before; none of them is None.

    Closed, or at its end, nothing is being made any more.
    """
    source = iter(items)
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(next, source, None)
        while (item := pending.result()) is not None:
            pending = pool.submit(next, source, None)
            yield item


# -- what goes over the wire -------------------------------------------------------------------------------


def _slices(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """`batch` in slices of about one block."""
    rows = max(1, batch.num_rows * _BLOCK // max(batch.nbytes, 1))
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)


def _encode(batch: pa.RecordBatch) -> tuple[int, pa.Buffer]:
    block = pa.BufferOutputStream()
    arrays = [_to_wire(array) for array in batch.columns]
    csv.write_csv(pa.RecordBatch.from_arrays(arrays, names=batch.schema.names), block, _WRITE)
    return batch.num_rows, block.getvalue()


#: Arrow takes one byte order mark off a block: this one, and not the first letter of a cell.
_MARK = b"\xef\xbb\xbf"


def _blocks(messages: Iterable[Any]) -> Iterator[bytearray]:
    """The messages of a COPY, each of them one row, gathered into blocks.

    A message is copied and let go at once: kept in a list, half a million of them cost five times as long.
    """
    block = bytearray(_MARK)
    for message in messages:
        block += message
        if len(block) >= _BLOCK:
            yield block
            block = bytearray(_MARK)
    if len(block) > len(_MARK):
        yield block


def _to_wire(array: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    return _to_hex(array) if _is_binary(array.type) else array


def _wire_type(kind: pa.DataType) -> pa.DataType:
    return pa.large_string() if _is_binary(kind) else kind


def _from_wire(column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
    if not _is_binary(kind):
        return column
    return pa.chunked_array([_from_hex(chunk).cast(kind) for chunk in column.chunks], kind)


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))


def _to_hex(array: pa.Array) -> pa.Array:
    """Bytes as PostgreSQL's hex text: a backslash, an x and two digits a byte."""
    offsets, data = _layout(array.cast(pa.large_binary()))
    text = _text(offsets * 2, _HEX[data])
    prefix, nothing = pa.scalar("\\x", pa.large_string()), pa.scalar("", pa.large_string())
    return pc.binary_join_element_wise(prefix, pc.if_else(array.is_valid(), text, None), nothing)


def _from_hex(array: pa.Array) -> pa.Array:
    """The other way round."""
    offsets, digits = _layout(pc.utf8_slice_codeunits(array, 2).cast(pa.large_binary()))
    data = _NIBBLES[digits[0::2]] << 4 | _NIBBLES[digits[1::2]]
    return pc.if_else(array.is_valid(), _text(offsets // 2, data).cast(pa.large_binary()), None)


def _layout(array: pa.Array) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Offsets from 0 and bytes of a large binary array, whatever slice it is; a null is empty."""
    filled = array.fill_null(b"")
    _, offsets, data = filled.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[filled.offset : filled.offset + len(filled) + 1]
    content = np.frombuffer(data or b"", dtype=np.uint8)[ends[0] : ends[-1]]
    return ends - ends[0], content


def _text(offsets: np.ndarray[Any, Any], data: np.ndarray[Any, Any]) -> pa.Array:
    return pa.LargeStringArray.from_buffers(
        len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(data))
    )
