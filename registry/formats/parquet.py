"""Parquet: columns as they are, cast to text; bounds are kept before anything is unpacked into rows."""

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from registry.formats import cells, frames
from registry.formats.frames import Block
from registry.formats.headers import Layout
from registry.formats.limits import Limits
from registry.formats.reasons import FileRefusedError, code_of

_TEXT = pa.large_string()
_AT_ONCE = 16_384


def open_parquet(path: Path, limits: Limits) -> pq.ParquetFile:
    """The file, with text columns read as dictionaries, so that no value is unpacked more often than it stands there.

    Raises:
        FileRefusedError: broken, or over a limit by what it says of itself.
    """
    try:
        meta = pq.read_metadata(path)
    except (pa.ArrowException, OSError):
        _refuse_broken()
    expanded = sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups))
    if meta.num_rows > limits.rows or expanded > limits.expanded_bytes:
        raise FileRefusedError(
            "too_many_rows",
            f"The file has {meta.num_rows} rows in {expanded} bytes: over the limit; the sender must split it.",
        )
    texts = [
        meta.schema.column(i).path
        for i in range(meta.num_columns)
        if meta.schema.column(i).physical_type == "BYTE_ARRAY" and "." not in meta.schema.column(i).path
    ]
    try:
        return pq.ParquetFile(path, read_dictionary=texts)
    except (pa.ArrowException, OSError):
        _refuse_broken()


def parquet_blocks(file: pq.ParquetFile, layout: Layout, limits: Limits) -> Iterator[Block]:
    """The rows.

    Raises:
        FileRefusedError: a known column is nested, or the data are broken or over a limit.
    """
    names = file.schema_arrow.names
    chosen = [names[place] for place in layout.places.values()]
    for name, column in zip(chosen, layout.places, strict=True):
        _check_type(file.schema_arrow.field(name).type, column)
    places = {column: i for i, column in enumerate(layout.places)}
    row_no, expanded = 0, 0
    try:
        for batch in file.iter_batches(batch_size=_AT_ONCE, columns=chosen):
            numbers = np.arange(row_no + 1, row_no + batch.num_rows + 1, dtype=np.int64)
            row_no += batch.num_rows
            columns = [batch.column(name) for name in chosen]
            expanded += sum(map(_text_size, columns))
            if expanded > limits.expanded_bytes:
                raise FileRefusedError(
                    "archive_too_large",
                    f"The file's cells hold more than {limits.expanded_bytes} bytes; the sender must split it.",
                )
            yield _block(columns, numbers, Layout(len(chosen), places, layout.kind), limits)
    except (pa.ArrowException, OSError):
        _refuse_broken()
    if row_no != file.metadata.num_rows:
        _refuse_broken()


def _refuse_broken() -> NoReturn:
    raise FileRefusedError(
        "broken_file", "The Parquet file is cut short or damaged; the sender must send it again."
    ) from None


def _value_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_texty(kind: pa.DataType) -> bool:
    checks = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return any(check(kind) for check in checks)


def _check_type(kind: pa.DataType, column: str) -> None:
    if pa.types.is_nested(_value_type(kind)):
        raise FileRefusedError(
            "nested_column", f"Column {column} holds lists or records; the sender must send one value a cell."
        )


def _text_size(column: pa.Array) -> int:
    """Bytes of a column's cells once unpacked; 0 for what is no text."""
    if not pa.types.is_dictionary(column.type):
        return 0
    sizes = pc.fill_null(pc.binary_length(column.dictionary), 0).take(column.indices)
    return int(pc.sum(sizes).as_py() or 0)


def _block(columns: list[pa.Array], row_no: npt.NDArray[np.int64], layout: Layout, limits: Limits) -> Block:
    """One batch: first the cells that may not be turned into text are set aside, then the rest is turned."""
    faults = np.zeros(row_no.size, np.uint8)
    safe = [_without_faults(column, faults, limits) for column in columns]
    bad = np.flatnonzero(faults)
    texts = [pa.chunked_array([column]) for column in safe]
    if not bad.size:
        return cells.checked_block(texts, row_no, layout, limits)
    good = np.flatnonzero(faults == 0)
    block = cells.checked_block([column.take(pa.array(good)) for column in texts], row_no[good], layout, limits)
    kept = [_as_line([column[row] for column in columns], limits) for row in bad.tolist()]
    broken = frames.broken_table(row_no[bad], faults[bad], offset=None, detail=[None] * bad.size, kept=kept)
    return Block(block.table, pa.concat_tables([block.unreadable, broken]).sort_by("row_no"))


def _without_faults(column: pa.Array, faults: npt.NDArray[np.uint8], limits: Limits) -> pa.Array:
    """The column as text, null in the rows where it has no text, whose fault is noted."""
    values = column.dictionary if pa.types.is_dictionary(column.type) else column
    if not _is_texty(values.type):
        return _as_text(column)
    sizes = pc.fill_null(pc.binary_length(values), 0)
    long = pc.greater(sizes, limits.field_bytes)
    whole = pc.if_else(long, pa.scalar(None, values.type), values).cast(pa.large_binary())
    broken = _not_utf8(whole)
    codes = np.where(broken, code_of("utf-8"), 0).astype(np.uint8)
    codes[long.to_numpy(zero_copy_only=False)] = code_of("field_too_long")
    clean = pc.if_else(pa.array(broken), pa.scalar(None, pa.large_binary()), whole).cast(_TEXT)
    if not pa.types.is_dictionary(column.type):
        np.maximum(faults, codes, out=faults)
        return clean
    if codes.any():
        row_codes = pc.fill_null(pa.array(codes).take(column.indices), 0).to_numpy(zero_copy_only=False)
        np.maximum(faults, row_codes, out=faults)
    return clean.take(column.indices)


def _not_utf8(values: pa.Array) -> npt.NDArray[np.bool_]:
    bad = np.zeros(len(values), np.bool_)
    try:
        values.cast(_TEXT).validate(full=True)
    except pa.ArrowInvalid:
        for i, value in enumerate(values.to_pylist()):
            bad[i] = value is not None and not _decodes(value)
    return bad


def _decodes(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _as_text(column: pa.Array) -> pa.Array:
    """Numbers, days and the like as text: whole numbers without `.0`, days as `yyyy-mm-dd`."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_floating(kind):
        return pc.replace_substring_regex(column.cast(_TEXT), r"\.0$", "")
    if pa.types.is_timestamp(kind):
        return pc.replace_substring_regex(column.cast(_TEXT), r" 00:00:00(\.0+)?Z?$", "")
    return column.cast(_TEXT)


def _as_line(row: list[pa.Scalar], limits: Limits) -> bytes:
    shown = []
    for value in row:
        plain = value.as_py() if not isinstance(value, pa.DictionaryScalar) else _bytes_of(value)
        shown.append(plain.decode("utf-8", "replace") if isinstance(plain, bytes) else plain)
    return cells.as_line(None if cell is None else str(cell) for cell in shown)[: limits.kept_bytes]


def _bytes_of(value: pa.DictionaryScalar) -> bytes | None:
    if not value.is_valid:
        return None
    plain: bytes | None = value.value.cast(pa.large_binary()).as_py() if _is_texty(value.type.value_type) else None
    return plain
