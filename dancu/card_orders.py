"""What `dancu cards` does beside running the flow: what is owed, what is parked, what goes on, what is sent again."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, text

from config.centre import terms
from dancu.show import table
from registry.cards.book import cancel
from registry.cards.holds import release
from registry.cards.reconciliation import read_reconciliation
from registry.database import load_sql
from registry.errors import UsageError
from tasks.platform import TIME_ZONE, Platform


def owed(place: Platform, *, date: dt.date) -> dict[str, list[dict[str, Any]]]:
    """Who owes whom what, see `registry.cards.reconciliation`."""
    with place.engine.begin() as store:
        return read_reconciliation(store, date=date, zone=TIME_ZONE.key, terms=terms())


def owed_lines(sheets: Mapping[str, list[dict[str, Any]]]) -> Iterator[str]:
    """The same for people: a table a sheet."""
    for name, rows in sheets.items():
        yield f"{name}: nothing" if not rows else f"{name}:"
        if rows:
            yield from table(tuple(rows[0]), [tuple(row.values()) for row in rows])
        yield ""


def parked_lines(place: Platform) -> list[dict[str, Any]]:
    """What fits nothing and waits for a person: number, file, line, dossier, reason, since when."""
    with place.engine.begin() as store:
        return [dict(row) for row in store.execute(text(load_sql("card", "parked"))).mappings()]


def work_off(place: Platform, number: int, *, by: str, note: str) -> None:
    """Notes that somebody has looked at a parked line and what came of it.

    Raises:
        UsageError: no such line waits.
    """
    with place.engine.begin() as store:
        done = store.execute(text(load_sql("card", "work_off")), {"number": number, "by": by, "note": note}).rowcount
    if not done:
        raise UsageError(f"no parked line {number} waits: `dancu cards parked` lists them")


def let_go_on(place: Platform, station: str, number: str, *, reason: str, date: dt.date) -> None:
    """Takes a card off hold.

    Raises:
        UsageError: the station has no such dossier, or its card is not on hold.
    """
    with place.engine.begin() as store:
        if not release(store, _dossier(store, station, number), reason=reason, date=date):
            raise UsageError("its card is not on hold: nothing was changed")


def call_off(place: Platform, station: str, number: str, *, reason: str, date: dt.date) -> None:
    """Cancels a card; what the centre is making already arrives all the same, and must not be handed over.

    Raises:
        UsageError: the station has no such dossier, or its card has ended.
    """
    with place.engine.begin() as store:
        if not cancel(store, _dossier(store, station, number), reason=reason, date=date):
            raise UsageError("its card is delivered, cancelled or given up already: nothing was changed")


def _dossier(store: Connection, station: str, number: str) -> str:
    found = store.scalar(
        text("SELECT dossier_id::text FROM dossier WHERE station = :station AND number = :number"),
        {"station": station, "number": number},
    )
    if found is None:
        raise UsageError(f"station {station} has no dossier of that number")
    return str(found)
