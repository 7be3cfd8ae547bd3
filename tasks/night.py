"""The night itself: one at a time, with a beginning and an end in the store."""

import datetime as dt
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, text

from registry.database import load_sql, migrate, nightly_lock
from tasks.platform import Platform, platform
from tasks.verb import SECONDS, verb

#: How long a run waits for the lock, in seconds: a killed run's server side needs a moment to notice.
PATIENCE = 10.0


@contextmanager
def one_night_at_a_time(place: Platform) -> Iterator[bool]:
    """Holds the lock of the night on a store that is up to date; false when another run has it."""
    migrate(place.engine)
    with nightly_lock(place.engine, wait_seconds=PATIENCE) as alone:
        yield alone


def fill_touched(store: Connection, *, since_load: int) -> None:
    """Fills the table `touched`: persons to whom a load after `since_load` brought a form."""
    store.execute(text("TRUNCATE touched"))
    store.execute(text(load_sql("night", "fill_touched")), {"since_load": since_load})
    # Without statistics the planner takes it for a handful of rows.
    store.execute(text("ANALYZE touched"))


@verb
def begin_night(date: dt.date) -> int:
    """Notes that a night has begun; returns the run's number."""
    SECONDS.clear()
    with platform().engine.begin() as store:
        run_id = store.scalar(
            text("INSERT INTO night_run (business_date) VALUES (:date) RETURNING run_id"), {"date": date}
        )
    return int(run_id or 0)


@verb
def end_night(
    run_id: int, date: dt.date, load_ids: list[str], outcomes: dict[str, int], cards: dict[str, int]
) -> dict[str, Any]:
    """Notes how the night ended and clears its scratch folders; returns its summary, the object of `--json`."""
    shutil.rmtree(platform().settings.scratch, ignore_errors=True)
    with platform().engine.begin() as store:
        counted = store.execute(text(load_sql("night", "files_of_run")), {"run_id": run_id})
        files: dict[str, int] = {row[0]: row[1] for row in counted}
        seconds = store.scalar(
            text("SELECT extract(epoch FROM now() - started_at) FROM night_run WHERE run_id = :run_id"),
            {"run_id": run_id},
        )
        held = store.execute(text(load_sql("night", "held_loads")), {"load_ids": load_ids}).tuples()
        summary = {
            "date": date.isoformat(),
            "loads": len(load_ids),
            "files": sum(files.values()),
            "file_states": files,
            "rows": {"read": sum(outcomes.values()), **outcomes},
            "cards": cards,
            "held_loads": dict(iter(held)),
            "seconds": round(float(seconds or 0), 3),
            "stages": {stage: round(spent, 3) for stage, spent in SECONDS.items() if stage != "begin_night"},
        }
        store.execute(
            text("UPDATE night_run SET ended_at = now(), summary = CAST(:summary AS jsonb) WHERE run_id = :run_id"),
            {"run_id": run_id, "summary": json.dumps(summary)},
        )
    return summary
