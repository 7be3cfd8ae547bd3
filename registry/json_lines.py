"""JSON lines out of columns: one object a row (RFC 8259), joined piece by piece as the texts lie in memory.

DuckDB's `to_json` took four times as long for the lines of cards.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from registry.writing import TEXT, on_some

_NULL = "null"


@dataclass(frozen=True)
class Unless:
    """A value that is null in the rows where `missing` is."""

    missing: pa.Array
    value: "Value"


#: A column (texts, days, whole numbers), a text that is the same in every row, an object, or a list.
Value: TypeAlias = "pa.Array | str | Unless | Mapping[str, Value] | tuple[Value, ...]"

_Pieces: TypeAlias = Iterator[pa.Array | str]


def json_lines(row: Mapping[str, Value]) -> bytes:
    """The lines of all rows, each with a newline at its end. Columns are of one length, and one of them is there."""
    lines = _joined([*_pieces(row), "\n"])
    _, offsets, data = lines.buffers()
    ends = np.frombuffer(offsets, np.int64)[lines.offset : lines.offset + len(lines) + 1]
    return bytes(memoryview(data)[ends[0] : ends[-1]])


def _pieces(value: Value) -> _Pieces:
    """What a value is written with, one after the other: columns without nulls, and what stands between them."""
    if isinstance(value, str):
        yield _quoted(value)
    elif isinstance(value, pa.Array):
        yield from _of_column(value)
    elif isinstance(value, Unless):
        yield from _or_null(value.missing, [*_pieces(value.value)])
    elif isinstance(value, Mapping):
        for place, (name, field) in enumerate(value.items()):
            yield ("," if place else "{") + _quoted(name) + ":"
            yield from _pieces(field)
        yield "}"
    else:
        for place, item in enumerate(value):
            yield "," if place else "["
            yield from _pieces(item)
        yield "]"


def _of_column(values: pa.Array) -> _Pieces:
    if pa.types.is_integer(values.type):
        yield from _or_null(values, [values.cast(TEXT).fill_null("")])
    else:
        yield from _or_null(values, ['"', _escaped(values.cast(TEXT).fill_null("")), '"'])


def _or_null(known: pa.Array, pieces: Iterable[pa.Array | str]) -> _Pieces:
    """The pieces where something is known, and JSON's null elsewhere."""
    if not known.null_count:
        yield from pieces
    elif known.null_count == len(known):
        yield _NULL
    else:
        yield pc.if_else(known.is_valid(), _joined(pieces), pa.scalar(_NULL, TEXT))


def _joined(pieces: Iterable[pa.Array | str]) -> pa.Array:
    """The pieces of each row in one text; texts that follow each other are one piece."""
    joined: list[pa.Array | pa.Scalar] = []
    for is_text, group in groupby(pieces, lambda piece: isinstance(piece, str)):
        of_one_kind = list(group)
        joined += [pa.scalar("".join(of_one_kind), TEXT)] if is_text else of_one_kind
    return pc.binary_join_element_wise(*joined, pa.scalar("", TEXT))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _escaped(texts: pa.Array) -> pa.Array:
    """Texts as they stand between quotation marks. Hardly ever is there a sign to escape."""
    _, _, data = texts.buffers()
    signs = np.frombuffer(data or b"", np.uint8)
    if not ((signs < ord(" ")) | (signs == ord('"')) | (signs == ord("\\"))).any():
        return texts
    odd = pc.match_substring_regex(texts, r'["\\\x00-\x1f]')
    return on_some(texts, odd, lambda some: pa.array([_quoted(text)[1:-1] for text in some.to_pylist()], TEXT))
