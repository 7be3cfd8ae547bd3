"""A small night in the store and in the archive, put there by hand: what the steps before would have left."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Engine, text

from config.settings import Settings
from registry.forms import COLUMNS, STANDARD_SCHEMA, UNREADABLE_SCHEMA
from tasks.platform import Platform

NIGHT = dt.date(2021, 6, 30)

#: Values of made-up persons that no page may show.
PERSONAL = ("TRẦN THỊ BƯỞI", "079185001234", "0901999888", "PH-7731")


def platform_of(store: Engine, home: Path, **settings: Any) -> Platform:
    url = store.url.render_as_string(hide_password=False)
    return Platform(Settings(home=home, database_url=url, **settings))


class Night:
    """Adds files, loads and rows; every row is `(file_no, row_no, outcome, rules, cells)`."""

    def __init__(self, place: Platform, date: dt.date = NIGHT) -> None:
        self.place, self.date = place, date

    def file(self, sender: str, name: str, state: str = "taken", **columns: Any) -> int:
        row = {"reason_code": None, "reason": None, "who_acts": None, "load_no": None, "file_no": None}
        row |= {"rows": None, "encoding": "utf-8", **columns}
        with self.place.engine.begin() as store:
            file_id = store.scalar(
                text(
                    "INSERT INTO file (key, sender, name, sha256, size, state, business_date, left_landing, load_no,"
                    " file_no, rows, encoding, reason_code, reason, who_acts) VALUES (:key, :sender, :name,"
                    " md5(:key), 1, CAST(:state AS file_state), :date, true, :load_no, :file_no, :rows, :encoding,"
                    " :reason_code, :reason, :who_acts) RETURNING file_id"
                ),
                {
                    **row,
                    "key": f"landing/registers/{sender}/{name}",
                    "sender": sender,
                    "name": name,
                    "state": state,
                    "date": self.date,
                },
            )
        return int(file_id or 0)

    def load(self, load_id: str, *, province: str = "75", failed: dict[str, int] | None = None) -> int:
        counts = [
            {"id": rule, "severity": "critical", "evaluated": 10, "failed": count}
            for rule, count in (failed or {}).items()
        ]
        with self.place.engine.begin() as store:
            load_no = store.scalar(
                text(
                    "INSERT INTO load (load_id, business_date, province, validation, seconds) VALUES (:load_id, :date,"
                    " :province, CAST(:validation AS jsonb), CAST(:seconds AS jsonb)) RETURNING load_no"
                ),
                {
                    "load_id": load_id,
                    "date": self.date,
                    "province": province,
                    "validation": json.dumps(
                        {"load": load_id, "business_date": f"{self.date}", "suites": {"row": counts}, "files": []}
                    ),
                    "seconds": json.dumps({"read": 1.25, "merge": 3.5}),
                },
            )
        return int(load_no or 0)

    def row(self, file_id: int, row_no: int, outcome: str, rules: str | None = None) -> None:
        with self.place.engine.begin() as store:
            store.execute(
                text(
                    "INSERT INTO received_row (file_id, row_no, outcome, rules, form_id) VALUES (:file_id, :row_no,"
                    " CAST(:outcome AS row_outcome), :rules, CASE WHEN :outcome <> 'unreadable' THEN"
                    " CAST(md5(:file_id || '/' || :row_no) AS uuid) END)"
                ),
                {"file_id": file_id, "row_no": row_no, "outcome": outcome, "rules": rules},
            )

    def corrected(self, file_id: int, row_no: int, *, by: int) -> None:
        with self.place.engine.begin() as store:
            store.execute(
                text("INSERT INTO correction VALUES (:file_id, :row_no, :by, 1)"),
                {"file_id": file_id, "row_no": row_no, "by": by},
            )

    def archive(self, load_id: str, *, forms: list[dict[str, Any]], unreadable: list[dict[str, Any]]) -> None:
        """Forms as sent (`file_no`, `row_no` and cells), and unreadable rows (`bytes`, `reason`)."""
        rows = [{f"{name}_raw" if name in COLUMNS else name: cell for name, cell in form.items()} for form in forms]
        for name, table in (
            ("standard", pa.Table.from_pylist(rows, schema=STANDARD_SCHEMA)),
            ("unreadable", pa.Table.from_pylist(unreadable, schema=UNREADABLE_SCHEMA)),
        ):
            path = self.place.settings.scratch / f"{name}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(table, path)
            self.place.objects.put(f"archive/forms/{load_id}/{name}.parquet", path)
            path.unlink()


def usual_night(place: Platform) -> dict[str, int]:
    """A commune with failed rows, one whose file is held, one that only repeated, one that is well; ids by name."""
    night = Night(place)
    load = night.load("a1", failed={"ROW-BIRTH-FUTURE": 2, "ROW-PID-FORMAT": 1, "ROW-SEX-MISSING": 0})
    mixed = night.file("26734", "register-1.csv", load_no=load, file_no=0, rows=6)
    held = night.file(
        "26737", "TRẦN THỊ BƯỞI 079185001234.csv", "held", load_no=load, file_no=1, rows=2,
        reason_code="LOAD-FAILING-SHARE", reason="More than 30 % fail.", who_acts="sender",
    )  # fmt: skip
    well = night.file("26740", "register-2.csv", load_no=load, file_no=2, rows=1)
    repeat = night.file("26743", "again.csv", "repeat", reason_code="repeat", reason="taken before", who_acts="sender")
    unknown = night.file("TRẦN THỊ BƯỞI", "x.csv", "refused", reason_code="sender", who_acts="operator",
                         reason="no sender 'TRẦN THỊ BƯỞI' is known")  # fmt: skip
    for row_no, (outcome, rules) in enumerate(
        [
            ("new", None),
            ("quarantined", "ROW-BIRTH-FUTURE;ROW-PHONE-FORMAT"),
            ("unreadable", "unclosed_quote"),
            ("matched", "ROW-PHONE-FORMAT"),
            ("quarantined", "ROW-PID-FORMAT"),
            ("duplicate", None),
        ],
        start=1,
    ):
        night.row(mixed, row_no, outcome, rules)
    night.row(held, 1, "held", "ROW-BIRTH-FUTURE")
    night.row(held, 2, "held", None)
    night.row(well, 1, "new", None)
    name, pid, phone, form = PERSONAL
    cells = {"full_name": name, "pid": pid, "phone": phone, "form_no": form}
    forms = [
        {"file_no": 0, "row_no": row_no, **cells, "birth_date": "2099" if row_no == 2 else "=1+1"}
        for row_no in (1, 2, 4, 5, 6)
    ]
    broken = {"file_no": 0, "row_no": 3, "offset": 9, "reason": "unclosed_quote", "bytes": f'"{name}\0,1'.encode()}
    night.archive("a1", forms=forms, unreadable=[broken])
    return {"mixed": mixed, "held": held, "well": well, "repeat": repeat, "unknown": unknown}
