"""A chunk as files: rows of text, the breaks and copies among them, and sidecars."""

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from registry.forms import COLUMNS
from samples.cells import Cells, join
from samples.draw import Ints
from samples.layout import Chunk
from samples.slips import Slips
from samples.writing import Writing

_HEADER = (",".join(COLUMNS) + "\n").encode()
_END = pa.scalar("\n")
_HANOI = dt.timezone(dt.timedelta(hours=7))
#: Cells that a row with a field too few stops before.
_STOPS_BEFORE = COLUMNS.index("household_no")


@dataclass(frozen=True)
class Sending:
    """One chunk's way to its files.

    Attributes:
        registers: the folder of all senders.
        sender: the commune's code.
        date: the day before the night.
        chunk: the chunk.
        writing: how its files are written.
    """

    registers: Path
    sender: str
    date: dt.date
    chunk: Chunk
    writing: Writing

    def path(self, sequence: int) -> Path:
        """Where the file with this number in the commune goes."""
        return self.registers / self.sender / f"dc01-{self.sender}-{sequence:03d}.csv"


def lines_of(cells: Cells, slips: Slips) -> pa.Array:
    """Rows as CSV, one text a row with its line end; a few have a field too few or too many."""
    columns = [cells[column] for column in COLUMNS]
    lines = _line(columns)
    for name, broken in (("field_missing", _cut_off), ("field_too_many", _unquoted)):
        rows = slips.of(name)
        if rows.any():
            mask = pa.array(rows)
            lines = pc.replace_with_mask(lines, mask, _line(broken([column.filter(mask) for column in columns])))
    return lines


def _line(columns: list[pa.Array]) -> pa.Array:
    line = pc.binary_join_element_wise(*columns, ",", null_handling="replace", null_replacement="")
    return join(line, _END)


def _cut_off(columns: list[pa.Array]) -> list[pa.Array]:
    """A row that ends before the household, as when a sheet was cut."""
    return columns[:_STOPS_BEFORE]


def _unquoted(columns: list[pa.Array]) -> list[pa.Array]:
    """A row whose address was typed with commas and without quotes."""
    at = COLUMNS.index("permanent_address")
    bare = pc.replace_substring(pc.fill_null(columns[at], ",,"), '"', "")
    return [*columns[:at], bare, *columns[at + 1 :]]


def write_files(sending: Sending, lines: pa.Array, *, households: Ints, twice: Ints) -> int:
    """Writes a chunk's files and sidecars; returns how many files.

    Args:
        sending: whose files they are and where they go.
        lines: the rows, each once.
        households: the household of each row, ascending.
        twice: rows that are sent twice: half of them at once in the same file, the others at the end of the
            chunk's last file.
    """
    sending.path(1).parent.mkdir(parents=True, exist_ok=True)
    at_once, later = twice[: len(twice) // 2], twice[len(twice) // 2 :]
    files = sending.chunk.sequences()
    cut = len(lines) if len(files) == 1 else _household_start(households, len(lines) - sending.chunk.late_rows)
    order = np.sort(np.concatenate([np.arange(len(lines)), at_once]))
    bounds = (order[order < cut], np.concatenate([order[order >= cut], later]))
    parts = bounds if len(files) == 2 else (np.concatenate(bounds),)
    for sequence, rows in zip(files, parts, strict=True):
        _write(sending, sequence, lines.take(pa.array(rows)))
    return len(files)


def _household_start(households: Ints, row: int) -> int:
    """The first row of the household that stands at `row`."""
    return int(np.searchsorted(households, households[row]))


def _write(sending: Sending, sequence: int, lines: pa.Array) -> None:
    path = sending.path(sequence)
    content = sending.writing.encode(b"".join((_HEADER, bytes_of(lines))))
    path.write_bytes(content)
    sent_at = dt.datetime.combine(sending.date, dt.time(17, sequence % 60), tzinfo=_HANOI)
    sidecar = {
        "rows": len(lines),
        "sha256": hashlib.sha256(content).hexdigest(),
        "encoding": sending.writing.sidecar_encoding,
        "sequence": sequence,
        "sent_at": sent_at.isoformat(),
    }
    stated = {field: value for field, value in sidecar.items() if value is not None}
    path.with_name(f"{path.name}.manifest.json").write_text(json.dumps(stated) + "\n", encoding="utf-8")


def bytes_of(texts: pa.Array) -> memoryview:
    """The texts' bytes one after the other; the array must not be a slice of another."""
    _, offsets, data = texts.buffers()
    return memoryview(data)[: int(np.frombuffer(offsets, dtype=np.int32)[len(texts)])]
