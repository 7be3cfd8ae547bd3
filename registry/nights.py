"""What became of a night, as figures: aggregated in PostgreSQL over the night's files and loads alone."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text

from registry.database import load_sql
from registry.loads import OUTCOMES

#: Outcomes of rows that the register took over, now or before.
ACCEPTED: tuple[str, ...] = ("duplicate", "review", "new", "matched")


@dataclass(frozen=True)
class FileOfNight:
    """A file of the ledger and what became of it.

    Attributes:
        kind: name of its kind, see `registry.kinds`.
        state: `taken`, `held`, `repeat`, `refused`, `waiting`, or `received` while its load is not merged.
        who_acts: `sender`, `operator` or nobody.
        rows: physical rows as they were counted when it was read; null where there was nothing to read.
        outcomes: rows by outcome, from the rows themselves.
        corrected: its failed rows that the sender has sent again since.
    """

    file_id: int
    sender: str
    name: str
    state: str
    reason_code: str | None
    reason: str | None
    who_acts: str | None
    encoding: str | None
    rows: int | None
    load_no: int | None
    outcomes: dict[str, int]
    corrected: int
    kind: str

    @property
    def failed(self) -> int:
        """Rows that went to quarantine or could not be read."""
        return self.outcomes["unreadable"] + self.outcomes["quarantined"]

    @property
    def accepted(self) -> int:
        """Rows that the register has."""
        return sum(self.outcomes[outcome] for outcome in ACCEPTED)


@dataclass(frozen=True)
class LoadOfNight:
    """A merged load.

    Attributes:
        validation: counts by rule, see `tasks.validate`.
        seconds: by stage.
        linkage: what its linkage came to, see `registry.linkage.measures`; null of loads before there was a gate.
    """

    load_no: int
    load_id: str
    province: str
    validation: dict[str, Any]
    seconds: dict[str, float]
    linkage: dict[str, Any] | None

    @property
    def held_by(self) -> list[str]:
        """Rules of the publish gate that held it."""
        found: list[str] = (self.linkage or {}).get("held_by", [])
        return found


@dataclass(frozen=True)
class RuleOfNight:
    """A rule over all loads of the night: how many rows (load suite: files) it looked at, and failed."""

    suite: str
    id: str
    severity: str
    evaluated: int
    failed: int


@dataclass(frozen=True)
class OpenRows:
    """Rows of one outcome that wait for somebody, by the age of their night in days."""

    outcome: str
    rows: int
    tonight: int
    week: int
    month: int
    older: int
    oldest: int


@dataclass(frozen=True)
class CardBatch:
    """A hand-off batch of the night."""

    centre: str
    sequence: int
    cards: int
    published: bool


@dataclass(frozen=True)
class PastNight:
    """What the finished runs of a night did together; `seconds` of all runs, null when none said."""

    date: dt.date
    files: int = 0
    read: int = 0
    cards: int = 0
    seconds: float | None = None
    outcomes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))

    @property
    def accepted(self) -> int:
        """Rows that the register has."""
        return sum(self.outcomes[outcome] for outcome in ACCEPTED)


def _rows(connection: Connection, name: str, **parameters: object) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(text(load_sql("report", name)), parameters).mappings()]


def files_of_night(connection: Connection, date: dt.date) -> list[FileOfNight]:
    """Every file that the night looked at, by sender and ledger number."""
    return [FileOfNight(**_with_outcomes(row)) for row in _rows(connection, "files_of_night", date=date)]


def _with_outcomes(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its columns of outcomes as one value, `outcomes`."""
    outcomes = {outcome: row.pop(outcome) for outcome in OUTCOMES}
    return {**row, "outcomes": outcomes}


def loads_of_night(connection: Connection, date: dt.date) -> list[LoadOfNight]:
    """The night's merged loads, in the order of the merge."""
    rows = _rows(connection, "loads_of_night", date=date)
    return [LoadOfNight(**{**row, "seconds": row["seconds"] or {}}) for row in rows]


def rules_of_night(connection: Connection, date: dt.date) -> list[RuleOfNight]:
    """The rules of the night's suites, those with most failures first."""
    return [RuleOfNight(**row) for row in _rows(connection, "rules_of_night", date=date)]


def store_of_night(connection: Connection, date: dt.date) -> dict[str, Any] | None:
    """Counts of the store suite after the night's merges, as `tasks.validate.validate_store` writes them."""
    found: dict[str, Any] | None = connection.scalar(text(load_sql("report", "store_of_night")), {"date": date})
    return found


def open_rows(connection: Connection, date: dt.date) -> list[OpenRows]:
    """Failed rows not sent again, and rows whose person is in review, of this and of earlier nights."""
    return [OpenRows(**row) for row in _rows(connection, "open_rows", date=date)]


def cards_of_night(connection: Connection, date: dt.date) -> list[CardBatch]:
    """The night's hand-off batches."""
    return [CardBatch(**row) for row in _rows(connection, "cards_of_night", date=date)]


def past_nights(connection: Connection) -> list[PastNight]:
    """Finished nights, the latest first."""
    return [PastNight(**_with_outcomes(row)) for row in _rows(connection, "nights")]


def by_sender(files: Sequence[FileOfNight]) -> Iterator[tuple[str, list[FileOfNight]]]:
    """Each sender with its files."""
    senders: dict[str, list[FileOfNight]] = {}
    for file in files:
        senders.setdefault(file.sender, []).append(file)
    return iter(senders.items())
