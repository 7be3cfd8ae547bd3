"""Give back: every sender gets its failed rows in a workbook, with the cells to mend marked and the reasons.

The store says which rows are still open, the archive has them as they were sent. A workbook is a function of
the two, so writing it again changes nothing, and a row that was corrected since is no longer in it.
"""

import datetime as dt
import shutil
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, Self

import duckdb
import pyarrow as pa
from sqlalchemy import Engine, text

from config.reasons import file_reasons
from expectations.rules import rules_by_id
from registry import movements
from registry.bulk import copy_out
from registry.cards import dossiers
from registry.database import load_sql
from registry.errors import PlatformError
from registry.fold import connect
from registry.formats.reasons import ROW_MESSAGES
from registry.kinds import DOSSIERS, KINDS, MOVEMENTS, REGISTERS, FileKind
from registry.loads import OUTCOMES
from registry.nights import FileOfNight, LoadOfNight, by_sender, files_of_night, loads_of_night
from registry.objects import Objects
from registry.reference import Reference
from registry.returns import (
    Fault,
    Written,
    create_failed,
    join_names,
    marked_columns,
    showable,
    understood,
    write_returns,
)
from registry.workbooks import Table
from tasks.platform import Platform, platform
from tasks.verb import verb

#: Workbooks that are sent to the object store side by side.
_SENDERS = 8
_FETCH_ROWS = 200

_OPEN_ROWS = pa.schema(
    [("file_id", pa.int64()), ("file_no", pa.int32()), ("row_no", pa.int64()), ("rules", pa.large_string())]
)

#: Where a standard column has another name than the cell that it came from.
_AS_SENT = {MOVEMENTS.name: movements.as_sent, DOSSIERS.name: dossiers.as_sent}

_STATES_VI = {
    "taken": "đã nhận",
    "held": "tạm giữ",
    "refused": "từ chối",
    "repeat": "trùng tệp cũ",
    "waiting": "chờ",
}
_ACTORS = {"sender": "nơi gửi / sender", "operator": "đơn vị vận hành / operator"}


@verb
def give_back(date: dt.date) -> dict[str, int]:
    """Gives the night's failed rows back; returns how many senders got a workbook, and how many rows."""
    return return_rows(platform(), date=date)


def return_rows(place: Platform, *, date: dt.date) -> dict[str, int]:
    """Writes `returns/<sender>/<date>.xlsx` for each sender with open rows or with a file that was not taken.

    Rows of movements and of dossiers go into workbooks of their own, `<date>-movements.xlsx` and
    `<date>-dossiers.xlsx`: each has the columns of its kind.

    Args:
        place: the installation.
        date: the business date on which the files ended.

    Returns:
        `senders` that have a workbook, `rows` in them.

    Raises:
        PlatformError: the archive does not hold a row that the store says is there.
    """
    with place.engine.begin() as store:
        files = [file for file in files_of_night(store, date) if file.reason_code != "sender"]
        loads = loads_of_night(store, date)
    folder = place.settings.scratch / f"returns-{date}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    with _Outbox(place.objects, date, folder) as outbox:
        for kind in KINDS.values():
            mine = [file for file in files if file.kind == kind.name]
            numbers = {file.load_no for file in mine}
            _return_kind(place, kind, mine, [load for load in loads if load.load_no in numbers], outbox)
    _clear_answered(place.objects, date, files, outbox.keys)
    shutil.rmtree(folder)
    return {"senders": outbox.senders, "rows": outbox.rows}


def _return_kind(
    place: Platform, kind: FileKind, files: Sequence[FileOfNight], loads: Sequence[LoadOfNight], outbox: "_Outbox"
) -> None:
    """Writes the workbooks of the files of one kind: their columns are the kind's."""
    told = {sender: theirs for sender, theirs in by_sender(files) if any(map(_to_tell, theirs))}
    if not told:
        return
    folder = outbox.folder / kind.name
    folder.mkdir()
    with connect(spill=str(folder)) as local:
        _gather(_Gathering(place, local, folder, kind), loads, files)
        tables = _tables(place.engine, told, outbox.date, kind)
        for written in write_returns(local, folder, tables=tables, explain=explain, kind=kind):
            outbox.send(written, kind)


def _to_tell(file: FileOfNight) -> bool:
    """Whether the file's sender has something to mend or to know."""
    return file.state in ("held", "repeat", "refused", "waiting") or file.failed > file.corrected


# -- the failed rows -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Gathering:
    """Where the failed rows of files of one kind come together."""

    place: Platform
    local: duckdb.DuckDBPyConnection
    folder: Path
    kind: FileKind


def _gather(into: _Gathering, loads: Sequence[LoadOfNight], files: Sequence[FileOfNight]) -> None:
    """Fills `failed` (see `registry.returns`) with the open rows of every load."""
    create_failed(into.local, into.kind)
    ledger = pa.table(
        {
            "file_id": pa.array([file.file_id for file in files], pa.int64()),
            "sender": pa.array([file.sender for file in files], pa.string()),
            "encoding": pa.array([file.encoding for file in files], pa.string()),
        }
    )
    into.local.register("ledger", ledger)
    _name_codes(into.local, into.place.reference)
    for load in loads:
        with into.place.engine.begin() as store:
            rows = copy_out(store, load_sql("give_back", "open_rows"), _OPEN_ROWS, {"load_no": load.load_no})
        if rows.num_rows:
            _gather_load(into, rows, load)


def _gather_load(into: _Gathering, rows: pa.Table, load: LoadOfNight) -> None:
    objects, local, kind = into.place.objects, into.local, into.kind
    archive = f"archive/forms/{load.load_id}"
    standard = objects.as_file(f"{archive}/standard.parquet", into.folder / "standard.parquet")
    unreadable = objects.as_file(f"{archive}/unreadable.parquet", into.folder / "unreadable.parquet")
    local.register("open_row", rows)
    local.register("marked", marked_columns(rows["rules"].unique().to_pylist(), explain, kind))
    _name_places(into, standard)
    insert = load_sql("give_back", "insert_failed").format(
        rows=_AS_SENT.get(kind.name, str)("read_parquet(?)"),
        as_sent=", ".join(f"s.{column}_raw" for column in kind.columns),
        understood_vi=understood("vi", kind),
        understood_en=understood("en", kind),
        names=join_names(kind),
    )
    found = local.execute(insert, [str(standard)]).fetchall()
    count = int(found[0][0]) + _gather_unreadable(local, unreadable)
    local.unregister("open_row")
    if count != rows.num_rows:
        raise PlatformError(
            f"load {load.load_id}: {rows.num_rows} rows are open, {count} of them lie in the archive;"
            " the operator restores archive/forms"
        )


def _name_codes(local: duckdb.DuckDBPyConnection, reference: Reference) -> None:
    """Creates `word`: the names of every code of every list."""
    words = [
        {"list": column, "code": code, "vi": vi, "en": en}
        for column, known in reference.code_lists.items()
        for code, (vi, en) in known.names.items()
    ]
    local.register("word", pa.Table.from_pylist(words))


def _name_places(into: _Gathering, standard: Path) -> None:
    """Creates `place_name`: the communes of the open rows of a load, with their paths."""
    pairs = ", ".join(f"{{'code': s.{column}, 'valid_from': s.{column}_from}}" for column in into.kind.places)
    query = load_sql("give_back", "stated_places").format(pairs=pairs)
    stated = into.local.execute(query, [str(standard)]).fetchall()
    known = [(code, day) for code, day in stated if code is not None]
    names = {
        "code": pa.array([code for code, _ in known], pa.string()),
        "valid_from": pa.array([day for _, day in known], pa.date32()),
        "path": pa.array([into.place.reference.gazetteer.path_of(code, day) for code, day in known], pa.string()),
    }
    into.local.register("place_name", pa.table(names))


def _gather_unreadable(local: duckdb.DuckDBPyConnection, unreadable: Path) -> int:
    """Adds the open rows of `unreadable.parquet`, some at a time, as their bytes may be many; returns how many."""
    cursor = local.execute(
        """
        SELECT l.sender, o.file_id, o.row_no, o.rules, l.encoding, u.bytes
          FROM read_parquet(?) AS u JOIN open_row AS o USING (file_no, row_no) JOIN ledger AS l USING (file_id)
        """,
        [str(unreadable)],
    )
    shown: list[tuple[Any, ...]] = []
    while batch := cursor.fetchmany(_FETCH_ROWS):
        shown += [(*row[:4], showable(row[5], row[4])) for row in batch]
    names = ("sender", "file_id", "row_no", "rules", "raw")
    local.register("shown", pa.table({name: [row[n] for row in shown] for n, name in enumerate(names)}))
    if shown:
        local.execute(f"INSERT INTO failed ({', '.join(names)}) FROM shown")
    local.unregister("shown")
    return len(shown)


@cache
def explain(rules: str) -> tuple[Fault, ...]:
    """What the rules of a row (`;` between) mean for its sender, the critical ones first."""
    faults = [_fault(rule) for rule in rules.split(";") if rule]
    return tuple(sorted(faults, key=lambda fault: not fault.critical))


def _fault(rule: str) -> Fault:
    if rule in ROW_MESSAGES:
        message_vi, message_en = ROW_MESSAGES[rule]
        return Fault(rule, True, ("dancu_raw",), message_vi, message_en)
    known = rules_by_id().get(rule)
    if known is None:
        # A rule that was taken out of the suites since: the row still has to go back.
        return Fault(rule, True, (), "Dòng không đạt quy tắc này.", "The row does not satisfy this rule.")
    return Fault(rule, known.severity == "critical", known.columns, known.message_vi, known.message_en)


# -- what a sender reads beside them -------------------------------------------------------------------


def _tables(
    engine: Engine, told: Mapping[str, Sequence[FileOfNight]], date: dt.date, kind: FileKind
) -> dict[str, Sequence[Table]]:
    """For each sender its files with what became of them, and the rules that its rows failed."""
    with engine.begin() as store:
        found = store.execute(
            text(load_sql("give_back", "rules_of_senders")), {"date": date, "senders": list(told), "kind": kind.name}
        ).all()
    rules = {sender: list(rows) for sender, rows in groupby(found, key=lambda row: str(row[0]))}
    return {
        sender: [_file_table(files, date), _rule_table([(row[1], row[2]) for row in rules.get(sender, [])])]
        for sender, files in told.items()
    }


def _file_table(files: Sequence[FileOfNight], date: dt.date) -> Table:
    title = (
        f"Đêm {date:%d/%m/%Y}. Sửa các ô được tô màu ở trang đầu rồi gửi lại tệp này;"
        " giữ nguyên hai cột dancu_file, dancu_row."
        " | Mend the marked cells of the first sheet and send this workbook again;"
        " leave dancu_file and dancu_row as they are."
    )
    headers = (
        ("Tệp / File", 36), ("Số sổ / Ledger no.", 20), ("Kết quả / Outcome", 22), ("Số dòng / Rows", 14),
        *((f"{vi} / {en}", 27) for vi, en in _OUTCOME_WORDS.values()),
        ("Đã gửi lại / Corrected", 24),
        ("Lý do", 50), ("Reason", 50), ("Ai xử lý / Who acts", 28),
    )  # fmt: skip
    return Table("Tệp - Files", title, headers, [_file_line(file) for file in files])


_OUTCOME_WORDS = {
    "unreadable": ("Không đọc được", "Unreadable"),
    "quarantined": ("Bị trả lại", "Returned"),
    "held": ("Tạm giữ", "Held"),
    "duplicate": ("Đã có", "Known before"),
    "review": ("Chờ xem xét", "In review"),
    "new": ("Người mới", "New person"),
    "matched": ("Khớp", "Matched"),
}


def _file_line(file: FileOfNight) -> tuple[str | int | None, ...]:
    outcome = f"{_STATES_VI.get(file.state, file.state)} / {file.state}"
    counts = (file.outcomes[name] for name in OUTCOMES)
    reason_vi, reason_en = reasons_of(file)
    return (
        file.name, file.file_id, outcome, file.rows, *counts, file.corrected,
        reason_vi, reason_en, _ACTORS.get(file.who_acts or ""),
    )  # fmt: skip


def reasons_of(file: FileOfNight) -> tuple[str | None, str | None]:
    """Why the file ended as it did, in Vietnamese and in English."""
    rules = [rules_by_id()[code] for code in (file.reason_code or "").split(";") if code in rules_by_id()]
    said = " ".join(rule.message_vi for rule in rules)
    return said or file_reasons().get(file.reason_code or "", file.reason), file.reason


def _rule_table(rules: Sequence[tuple[str, int]]) -> Table:
    headers = (
        ("Quy tắc / Rule", 30),
        ("Số dòng / Rows", 14),
        ("Mức / Severity", 22),
        ("Nội dung", 70),
        ("Message", 70),
    )
    faults = [(fault, count) for rule, count in rules for fault in explain(rule)]
    rows = [
        (
            fault.rule,
            count,
            "trả lại / critical" if fault.critical else "lưu ý / warning",
            fault.message_vi,
            fault.message_en,
        )
        for fault, count in sorted(faults, key=lambda pair: (not pair[0].critical, -pair[1]))
    ]
    title = "Các quy tắc mà các dòng của đêm nay không đạt. | The rules that rows of this night do not satisfy."
    return Table("Quy tắc - Rules", title, headers, rows)


# -- into the object store -----------------------------------------------------------------------------


class _Outbox:
    """Sends workbooks while the next ones are written; leaves when all have arrived."""

    def __init__(self, objects: Objects, date: dt.date, folder: Path) -> None:
        self._objects, self.date, self.folder = objects, date, folder
        self._pool = ThreadPoolExecutor(_SENDERS)
        self._sent: list[Future[None]] = []
        self._senders: set[str] = set()
        self.keys: set[str] = set()
        self.rows = 0

    @property
    def senders(self) -> int:
        """How many have a workbook."""
        return len(self._senders)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=raised[0] is not None)
        if raised[0] is None:
            for sent in self._sent:
                sent.result()

    def send(self, written: Written, kind: FileKind) -> None:
        """Hands a workbook to the pool; but for registers the name says the kind: it goes back to another folder."""
        more = f"-{kind.name}" if kind is not REGISTERS else ""
        more += "" if written.number == 1 else f"-{written.number}"
        key = f"returns/{written.sender}/{self.date}{more}.xlsx"
        self.keys.add(key)
        self._senders.add(written.sender)
        self.rows += written.rows
        self._sent.append(self._pool.submit(self._put, key, written.path))

    def _put(self, key: str, path: Path) -> None:
        self._objects.put(key, path)
        path.unlink()


def _clear_answered(objects: Objects, date: dt.date, files: Sequence[FileOfNight], kept: set[str]) -> None:
    """Removes workbooks of the night whose rows have all been sent again since."""
    for sender in sorted({file.sender for file in files if file.corrected}):
        for info in list(objects.list(f"returns/{sender}/{date}")):
            if info.key not in kept:
                objects.delete(info.key)
