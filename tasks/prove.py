"""Prove: after the merges, the store is what its suite says, before anything leaves it."""

import datetime as dt

from sqlalchemy import text

from registry.database import load_sql
from registry.errors import InvariantBreach
from tasks.night import fill_touched
from tasks.platform import Platform, platform
from tasks.validate import validate_store
from tasks.verb import verb


@verb
def prove_night(date: dt.date, run_id: int) -> None:
    """Runs the store suite over what tonight's loads have touched; the publish gate of the night."""
    prove_store(platform(), date=date, run_id=run_id)


def prove_store(place: Platform, *, date: dt.date, run_id: int) -> None:
    """Counts, judges, and keeps the result with the night's run.

    Raises:
        InvariantBreach: a critical rule of the store suite does not hold: nothing is handed off.
    """
    docs = place.settings.scratch / "store"
    docs.mkdir(parents=True, exist_ok=True, mode=0o700)
    with place.engine.begin() as store:
        since = {
            "since_load": store.scalar(
                text("SELECT coalesce(min(load_no) - 1, 2147483647) FROM load WHERE business_date = :date"),
                {"date": date},
            )
        }
        fill_touched(store, **since)
        metrics = dict(store.exec_driver_sql(load_sql("prove", "store_metrics"), since).mappings().one())
        failed = validate_store(metrics, business_date=date, docs=docs)
        store.execute(
            text("UPDATE night_run SET validation = CAST(:validation AS jsonb) WHERE run_id = :run_id"),
            {"run_id": run_id, "validation": (docs / f"store-{date}.json").read_text(encoding="utf-8")},
        )
    breaches = [f"{rule.rule} ({rule.count})" for rule in failed if rule.severity == "critical"]
    if breaches:
        raise InvariantBreach(
            f"the store breaks {', '.join(breaches)}: nothing is handed off; the operator must act, see docs/runbook.md"
        )
