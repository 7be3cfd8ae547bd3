"""How the register stands: figures only, no person."""

import datetime as dt
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, text

from registry.cases import waiting_cases
from registry.database import load_sql
from registry.linkage.quality import Quality
from registry.loads import OUTCOMES
from registry.nights import open_rows

#: Counts of cards, see `registry/sql/status/store.sql`.
_CARDS = ("batches", "cards", "waiting", "outstanding", "unpublished", "on_hold", "parked")


def read_status(connection: Connection, *, date: dt.date | None, today: dt.date) -> dict[str, Any]:
    """How files, rows, persons and cards stand, for one night or over all.

    Args:
        connection: of the store.
        date: limits files, rows and cards to a night; persons, outstanding answers and open rows are of now.
        today: the day from which the age of open rows counts.

    Returns:
        `date`, `last_night`, `files` (state → count), `file_reasons`, `rows` (`read` and each outcome), `persons`,
        `in_review`, `without_register` (persons known by movements alone, whom a register must still name), `cards`
        (batches, cards, waiting, outstanding, unpublished, on_hold, parked, and how many are in each of their
        `states`), `open_rows` (by outcome, with their age), `cases` (see `registry.cases.WaitingCases`), `linkage`
        (measures of the loads, added up, and `keys` that were narrowed or left out), `quality` (see
        `registry.linkage.quality`, of all labelled forms as they stand now, and `reviewed`: what reviewers said by the
        weight of the pair), `correction_conflicts` (corrections of what does not stand there, with their age).
    """
    files = [dict(row) for row in connection.execute(text(_sql("files")), {"date": date}).mappings()]
    counted = connection.execute(text(_sql("rows")), {"date": date})
    outcomes: dict[str, int] = {row[0]: row[1] for row in counted}
    store = dict(connection.execute(text(_sql("store")), {"date": date}).mappings().one())
    night = connection.execute(text(_sql("last_night")), {"date": date}).mappings().one_or_none()
    states: dict[str, int] = {}
    for file in files:
        states[file["state"]] = states.get(file["state"], 0) + file["files"]
    return {
        "date": date.isoformat() if date else None,
        "last_night": _night(dict(night)) if night else None,
        "files": states,
        "file_reasons": [file for file in files if file["reason_code"]],
        "rows": {"read": sum(outcomes.values()), **{outcome: outcomes.get(outcome, 0) for outcome in OUTCOMES}},
        "persons": store["persons"],
        "in_review": store["in_review"],
        "without_register": store["without_register"],
        "cards": {**{key: store[key] for key in _CARDS}, "states": _states(connection)},
        "open_rows": [asdict(rows) for rows in open_rows(connection, today)],
        "cases": asdict(waiting_cases(connection, today)),
        "linkage": {**_rows(connection, "linkage", date=date)[0], "keys": _rows(connection, "keys", date=date)},
        "quality": {
            **Quality(**_rows(connection, "quality")[0]).as_dict(),
            "reviewed": _rows(connection, "reviewed"),
        },
        "correction_conflicts": dict(
            connection.execute(text(_sql("correction_conflicts")), {"date": today}).mappings().one()
        ),
    }


def _states(connection: Connection) -> dict[str, int]:
    return {row["state"]: row["cards"] for row in _rows(connection, "cards")}


def _rows(connection: Connection, name: str, **parameters: object) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(text(_sql(name)), parameters).mappings()]


def _sql(name: str) -> str:
    return load_sql("status", name)


def _night(row: dict[str, Any]) -> dict[str, Any]:
    ended = row["ended_at"]
    return {
        "date": row["business_date"].isoformat(),
        "started_at": row["started_at"].isoformat(timespec="seconds"),
        "ended_at": ended.isoformat(timespec="seconds") if ended else None,
    }
