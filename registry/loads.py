"""The ledger: what landed, which load it went into, and what became of it."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from registry.database import load_sql
from registry.kinds import KINDS, REGISTERS, FileKind

#: What a row can become, in the order in which the sums are shown.
OUTCOMES: tuple[str, ...] = ("unreadable", "quarantined", "held", "duplicate", "review", "new", "matched")

#: Estimated bytes of delimited text in a load: about 800,000 forms of 37 columns. What a load costs whatever it holds,
#: and what is looked for in the whole store, is paid fewer times; DuckDB shares out what is more than 122,880 rows.
LOAD_BYTES = 256 * 2**20

#: How many bytes of delimited text a byte of each format stands for, roughly.
_EXPANSION = {".gz": 8, ".parquet": 6, ".xlsx": 6}


@dataclass(frozen=True)
class FileInLoad:
    """A received file as its load sees it.

    Attributes:
        file_no: its ordinal in the load.
        file_id: its row in the ledger.
        sent_on: the day that dates its rows when they do not say so themselves.
        trust: of its source, 0 to 15.
        stated_rows: as its sidecar has it.
        contradiction: a sentence, when its bytes are not what the sidecar says; such a file is held.
        kind: name of its kind (`registry.kinds.KINDS`), by the folder of landing that it lay in.
    """

    file_no: int
    file_id: int
    sender: str
    name: str
    sha256: str
    sent_on: dt.date
    trust: int
    encoding: str | None = None
    stated_rows: int | None = None
    contradiction: str | None = None
    kind: str = REGISTERS.name


@dataclass(frozen=True)
class Load:
    """A night's files of one province and one kind, read and merged together."""

    load_id: str
    business_date: dt.date
    province: str
    files: tuple[FileInLoad, ...]

    @property
    def kind(self) -> FileKind:
        """Of all its files."""
        return KINDS[self.files[0].kind]

    def write(self, folder: Path) -> None:
        """Leaves the plan in the load's scratch folder, for the steps to come."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "load.json").write_text(json.dumps(asdict(self), default=str), encoding="utf-8")

    @classmethod
    def open(cls, folder: Path) -> "Load":
        """Reads the plan back."""
        plan = json.loads((folder / "load.json").read_text(encoding="utf-8"))
        files = tuple(
            FileInLoad(**{**file, "sent_on": dt.date.fromisoformat(file["sent_on"])}) for file in plan["files"]
        )
        return cls(plan["load_id"], dt.date.fromisoformat(plan["business_date"]), plan["province"], files)


@dataclass
class LandedFile:
    """A file that lies in landing, after one look at it; the columns of the ledger's `file`."""

    key: str
    sender: str
    name: str
    state: str = "received"
    sha256: str | None = None
    size: int | None = None
    sidecar: dict[str, Any] = field(default_factory=dict)
    reason_code: str | None = None
    reason: str | None = None
    who_acts: str | None = None

    def end(self, state: str, *, code: str, reason: str, who_acts: str) -> "LandedFile":
        """Sets what became of the file, and why."""
        self.state, self.reason_code, self.reason, self.who_acts = state, code, reason, who_acts
        return self


def record_landed(connection: Connection, files: Sequence[LandedFile], *, business_date: dt.date) -> None:
    """Writes one ledger row a landed file; a file that was seen before and still lies there keeps its row."""
    rows = [
        {**asdict(file), "sidecar": json.dumps(file.sidecar) if file.sidecar else None, "business_date": business_date}
        for file in files
    ]
    if rows:
        places = [{"key": row["key"], "sha256": row["sha256"]} for row in rows]
        connection.execute(text(load_sql("receive", "release_replaced")), places)
        connection.execute(text(load_sql("receive", "record_file")), rows)


def mark_left(connection: Connection, keys: Sequence[str]) -> None:
    """Notes that these landed copies are gone; the archive has their bytes."""
    connection.execute(text(load_sql("receive", "mark_left")), {"keys": list(keys)})


def taken_hashes(connection: Connection, hashes: Iterable[str]) -> set[str]:
    """Those of the SHA-256 sums whose bytes were taken before, or wait to be."""
    found = connection.execute(text(load_sql("receive", "taken_hashes")), {"hashes": list(hashes)})
    return set(found.scalars())


def received_files(connection: Connection) -> list[dict[str, Any]]:
    """Files that wait for their load: file_id, key, sender, name, sha256, size, sidecar, reason, sorted."""
    return [dict(row) for row in connection.execute(text(load_sql("receive", "received_files"))).mappings()]


def load_identity(files: Iterable[tuple[str, int]]) -> str:
    """The id of the load that is made of these files (SHA-256 and file_id): 32 hex digits."""
    lines = "\n".join(sorted(f"{sha256} {file_id}" for sha256, file_id in files))
    return hashlib.sha256(lines.encode()).hexdigest()[:32]


def cut_loads(files: Sequence[FileInLoad], sizes: dict[int, int], *, province: str, night: dt.date) -> list[Load]:
    """Cuts a province's files of one kind into loads of about `LOAD_BYTES`, in their order.

    Args:
        files: sorted; their `file_no` is set here.
        sizes: file_id → bytes as landed.
        province: of all of them.
        night: the business date.
    """
    loads: list[list[FileInLoad]] = [[]]
    filled = 0
    for file in files:
        size = sizes[file.file_id] * _EXPANSION.get(Path(file.name).suffix, 1)
        if loads[-1] and filled + size > LOAD_BYTES:
            loads.append([])
            filled = 0
        loads[-1].append(file)
        filled += size
    return [_number(load, province=province, night=night) for load in loads if load]


def _number(files: list[FileInLoad], *, province: str, night: dt.date) -> Load:
    load_id = load_identity((file.sha256, file.file_id) for file in files)
    numbered = tuple(FileInLoad(**{**asdict(file), "file_no": number}) for number, file in enumerate(files))
    return Load(load_id, night, province, numbered)
