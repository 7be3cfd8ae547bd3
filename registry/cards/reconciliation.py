"""How the register and the production centre stand with each other: figures only, no person."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, text

from registry.database import load_sql

#: Sheets of a reconciliation.
SHEETS = ("batches", "totals", "overdue", "gaps", "stock", "parked", "refused")


def read_reconciliation(
    store: Connection, *, date: dt.date, zone: str, terms: Mapping[str, int]
) -> dict[str, list[dict[str, Any]]]:
    """Everything that somebody owes somebody at the end of a night.

    Args:
        store: the store, in a transaction that may write.
        date: the business date; ages are in days before it.
        zone: in which a moment has its day.
        terms: term → days (`config.centre.terms`).

    Returns:
        `batches` (centre, sequence, business_date, dossiers, hash_total, published, received, unanswered,
        in_production, to_ship, oldest), `totals` (centre, sequence, dossiers, hash_total, answered, answered_total,
        outstanding, outstanding_total, closes), `overdue` (term, overdue, oldest), `gaps` (centre, missing), `stock`
        (office, on_the_way, in_stock, undeliverable), `parked` (reason, lines, oldest), `refused` (source, state,
        reason, files).
    """
    midnight = dt.datetime.combine(date, dt.time(), ZoneInfo(zone))
    # What began before this moment is late, by term.
    due = {term: midnight - dt.timedelta(days=days) for term, days in terms.items()}
    values = {"date": date, "zone": zone, **due}
    store.execute(text(load_sql("reconcile", "create_open_card")), values)
    return {
        sheet: [dict(row) for row in store.execute(text(load_sql("reconcile", sheet)), values).mappings()]
        for sheet in SHEETS
    }
