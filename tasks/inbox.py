"""The inbox: files of the production centre and of offices, each looked at once and noted whatever becomes of it."""

import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection, text

from registry.database import load_sql
from registry.objects import ChangedWhileRead, ObjectInfo, is_partial_name
from tasks.platform import Platform

#: Where the bytes of everything that was looked at stay, by their SHA-256.
ARCHIVE = "archive/messages/"

State = Literal["taken", "repeat", "parked", "refused"]


@dataclass(frozen=True)
class Message:
    """A file as it is noted.

    Attributes:
        source: centre or office.
        key: where it lay.
        sha256: of its bytes.
        state: what became of it.
        reason: code; why it was not taken.
        kind: of answer, or `delivery`.
        sequence: the centre's own number of it.
        batch_no: the batch that it answers.
        lines: how many lines it has.
    """

    source: str
    key: str
    sha256: str
    state: State = "taken"
    reason: str | None = None
    kind: str | None = None
    sequence: int | None = None
    batch_no: int | None = None
    lines: int = 0


@dataclass(frozen=True)
class Landed:
    """A file of the inbox with a private copy of it."""

    info: ObjectInfo
    source: str
    path: Path
    sha256: str


def whole_files(place: Platform, prefix: str) -> Iterator[ObjectInfo]:
    """Files under `<prefix><source>/` that nobody is writing any more, in the order of their names."""
    for info in sorted(place.objects.list(prefix.removesuffix("/")), key=lambda info: info.key):
        parts = info.key.removeprefix(prefix).split("/")
        named = info.key.startswith(prefix) and len(parts) > 1
        if named and not is_partial_name(parts[-1]) and not place.objects.being_written(info.key):
            yield info


@contextmanager
def fetched(place: Platform, info: ObjectInfo, prefix: str) -> Iterator[Landed | None]:
    """A private copy of a file, kept in the archive too; None while somebody is changing it."""
    place.settings.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="inbox-", dir=place.settings.scratch) as folder:
        copy = Path(folder, "message")
        try:
            found = place.objects.fetch(info.key, copy, expect=info)
        except ChangedWhileRead:
            yield None
            return
        place.objects.put(f"{ARCHIVE}{found.sha256}", copy)
        yield Landed(info, info.key.removeprefix(prefix).split("/")[0], copy, found.sha256)


def taken_before(store: Connection, landed: Landed) -> bool:
    """Whether the same bytes of the same source were taken before, under any name."""
    values = {"source": landed.source, "sha256": landed.sha256}
    return bool(store.scalar(text(load_sql("inbox", "taken_before")), values))


def note(store: Connection, message: Message, *, date: dt.date) -> int:
    """Notes a file; returns its number."""
    return int(store.scalar(text(load_sql("inbox", "insert_message")), {**asdict(message), "date": date}) or 0)
