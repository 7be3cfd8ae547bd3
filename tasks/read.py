"""Read: every file of a load is told into rows, and what cannot be told is kept as it came."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from registry.file_ends import Told
from registry.formats.frames import Block
from registry.formats.headers import header_names
from registry.formats.limits import Limits
from registry.formats.reader import Source, open_file
from registry.formats.reasons import FileError, FileHeldError
from registry.forms import COLUMNS, READ_SCHEMA, UNREADABLE_SCHEMA
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
    files = [
        FileToRead(file.file_no, place.received_copy(file.sha256), file.name, file.encoding)
        for file in Load.open(folder).files
    ]
    told = read_load(files, folder)
    (folder / "told.json").write_text(json.dumps([asdict(file) for file in told]), encoding="utf-8")
    note_seconds(folder, "read", start)


def read_told(folder: Path) -> dict[int, Told]:
    """What reading told of each file, by `file_no`."""
    rows = json.loads((folder / "told.json").read_text(encoding="utf-8"))
    return {row["file_no"]: Told(**{**row, "notes": tuple(row["notes"])}) for row in rows}


def read_load(files: Sequence[FileToRead], folder: Path, limits: Limits = Limits()) -> list[Told]:  # noqa: B008 - frozen
    """Writes `read.parquet` (READ_SCHEMA) and `unreadable.parquet` (UNREADABLE_SCHEMA), file by file in their order.

    Returns:
        What was told of each file. A file that fails as a whole leaves no row.
    """
    headers = header_names([(column, column) for column in COLUMNS])
    with (
        pq.ParquetWriter(folder / "read.parquet", READ_SCHEMA, compression="lz4") as rows,
        pq.ParquetWriter(folder / "unreadable.parquet", UNREADABLE_SCHEMA, compression="lz4") as broken,
    ):
        out=[]
        for file in files:
            reading=open_file(Source(file.path,file.name,file.encoding,headers,limits))
            for block in reading.blocks:
                n=pa.array([file.file_no],pa.int32())
                rows.write_table(block.table.add_column(0,"file_no",pa.repeat(pa.scalar(file.file_no,pa.int32()),block.table.num_rows)).cast(READ_SCHEMA))
                broken.write_table(block.unreadable.add_column(0,"file_no",pa.repeat(pa.scalar(file.file_no,pa.int32()),block.unreadable.num_rows)).cast(UNREADABLE_SCHEMA))
            out.append(Told(file.file_no,reading.rows,reading.unreadable,reading.encoding,tuple(reading.notes)))
    return out
