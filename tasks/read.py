"""Read: every file of a load is told into rows, and what cannot be told is kept as it came."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from config.headers import dossier_labels, header_labels, movement_labels
from registry.encodings.columns import OldText
from registry.file_ends import Told
from registry.formats.archive import text_pieces
from registry.formats.headers import Headers, header_names
from registry.formats.limits import Limits
from registry.formats.load import LoadWriter
from registry.formats.reader import Source, open_file
from registry.formats.reasons import FileError, FileHeldError
from registry.formats.untold import untold_rows
from registry.kinds import DOSSIERS, MOVEMENTS, REGISTERS, FileKind
from registry.loads import Load
from tasks.platform import platform
from tasks.verb import note_seconds, verb


@dataclass(frozen=True)
class FileToRead:
    """A private copy of a received file, with the name that says its format and what its sidecar states."""

    file_no: int
    path: Path
    name: str
    encoding: str | None


@verb
def read(load_id: str) -> None:
    """Reads the files of a load."""
    place, start = platform(), time.monotonic()
    folder = place.folder(load_id)
    load = Load.open(folder)
    files = [
        FileToRead(file.file_no, place.received_copy(file.sha256), file.name, file.encoding) for file in load.files
    ]
    told = read_load(files, folder, kind=load.kind)
    (folder / "told.json").write_text(json.dumps([asdict(file) for file in told]), encoding="utf-8")
    note_seconds(folder, "read", start)


def read_told(folder: Path) -> dict[int, Told]:
    """What reading told of each file, by `file_no`."""
    rows = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    return {row["file_no"]: Told(**{**row, "notes": tuple(row["notes"])}) for row in rows}


def read_load(
    files: Sequence[FileToRead], folder: Path, limits: Limits | None = None, *, kind: FileKind = REGISTERS
) -> list[Told]:
    """Writes `read.parquet` and `unreadable.parquet` (UNREADABLE_SCHEMA), file by file in their order.

    Args:
        files: of one kind.
        folder: where they are written.
        limits: bounds.
        kind: of the files; `read.parquet` has its schema `read`.

    Returns:
        What was told of each file. A file that is refused or held as a whole leaves no row; `rows` of a held one
        says how many it has.
    """
    with LoadWriter(folder / "read.parquet", folder / "unreadable.parquet", kind) as writer:
        return [_read_file(file, writer, limits or Limits(), kind) for file in files]


def _read_file(file: FileToRead, writer: LoadWriter, limits: Limits, kind: FileKind) -> Told:
    old_text = OldText()
    try:
        reading = open_file(Source(file.path, file.name, file.encoding, _headers(kind), limits))
        for block in reading.blocks:
            writer.write(file.file_no, block)
            old_text.see(block.table)
    except FileError as error:
        writer.drop(file.file_no)
        rows = _keep_lines(file, writer, limits, kind) if isinstance(error, FileHeldError) else 0
        failure = "held" if isinstance(error, FileHeldError) else "refused"
        return Told(file.file_no, rows, unreadable=rows, failure=failure, code=error.reason, reason=str(error))
    found = old_text.found()
    notes = (*reading.notes, *([f"old_text: {', '.join(sorted(found))}"] if found else []))
    return Told(file.file_no, reading.rows, reading.unreadable, reading.encoding, notes, old_text=found)


def _keep_lines(file: FileToRead, writer: LoadWriter, limits: Limits, kind: FileKind) -> int:
    """Keeps the lines of a file whose encoding is undecided; how many rows they are."""
    zipped, header = file.name.lower().endswith(".gz"), ".jsonl" not in file.name.lower()
    rows = 0
    for block in untold_rows(text_pieces(file.path, zipped=zipped, limits=limits), header=header, kind=kind):
        writer.write(file.file_no, block)
        rows += block.unreadable.num_rows
    return rows


@cache
def _headers(kind: FileKind) -> Headers:
    own = {MOVEMENTS.name: movement_labels(), DOSSIERS.name: dossier_labels()}.get(kind.name, ())
    shared = (pair for pair in header_labels() if pair[1] in kind.columns)
    return header_names((*own, *shared), kind)
