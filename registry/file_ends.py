"""What becomes of a file once its rows are judged: taken, held or refused, with the reason and who acts."""

from dataclasses import dataclass, field
from typing import Any

from registry.loads import FileInLoad


@dataclass(frozen=True)
class Told:
    """What reading told of a file.

    Attributes:
        file_no: its ordinal in the load.
        rows: physical rows, the unreadable ones included.
        unreadable: those that could not be told into fields.
        encoding: as found.
        notes: what its sender should know though nothing failed.
        old_text: column in which old text was found → its codec, and whether all of the column is in it.
        failure: `refused` or `held` when reading failed as a whole, with `code` and `reason`.
    """

    file_no: int
    rows: int = 0
    unreadable: int = 0
    encoding: str | None = None
    notes: tuple[str, ...] = ()
    failure: str | None = None
    code: str | None = None
    reason: str | None = None
    old_text: dict[str, tuple[str, bool]] = field(default_factory=dict)


@dataclass(frozen=True)
class FileEnd:
    """The end of a file, as the ledger keeps it (columns of `file`)."""

    file_no: int
    state: str
    reason_code: str | None
    reason: str | None
    who_acts: str | None
    encoding: str | None
    rows: int
    profile: dict[str, Any] = field(default_factory=dict)


def end_file(file: FileInLoad, told: Told, *, held: tuple[str, str] | None, profile: dict[str, Any]) -> FileEnd:
    """Decides the end of a file.

    Args:
        file: as received, with what its sidecar states.
        told: what reading told of it.
        held: code and sentence of the load suite's critical rules that it fails.
        profile: its counts, the sender's history.
    """
    state, code, reason = _reason(file, told, held)
    who_acts = None if state == "taken" else "sender"
    return FileEnd(file.file_no, state, code, reason, who_acts, told.encoding, told.rows, profile)


def _reason(file: FileInLoad, told: Told, held: tuple[str, str] | None) -> tuple[str, str | None, str | None]:
    if told.failure:
        return told.failure, told.code, told.reason
    if file.contradiction:
        return "held", "sidecar", file.contradiction
    if file.stated_rows is not None and file.stated_rows != told.rows:
        reason = (
            f"the sidecar states {file.stated_rows} rows, the file has {told.rows}: the sender must send both again"
        )
        return "held", "sidecar", reason
    if held:
        return "held", *held
    return "taken", None, "; ".join(told.notes) or None
