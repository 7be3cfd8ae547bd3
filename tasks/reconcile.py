"""Reconcile: at the end of a night, who owes whom what; dossiers that nobody corrects are given up."""

import datetime as dt
from typing import Any

from config.centre import terms
from registry.cards.book import write_events
from registry.cards.reconciliation import read_reconciliation
from registry.database import load_sql
from tasks.platform import TIME_ZONE, Platform, platform
from tasks.verb import verb


@verb
def reconcile(date: dt.date) -> dict[str, Any]:
    """Gives up what the term for correcting has run out for; returns `registry.cards.read_reconciliation`'s sheets."""
    return reconcile_cards(platform(), date=date)


def reconcile_cards(place: Platform, *, date: dt.date) -> dict[str, Any]:
    """The same for an installation; may be run again at any time."""
    zone = TIME_ZONE.key
    with place.engine.begin() as store:
        values = {"date": date, "zone": zone, "days": terms()["correction"], "now": dt.datetime.now(TIME_ZONE)}
        write_events(store, load_sql("reconcile", "forgotten"), values, date=date)
        return read_reconciliation(store, date=date, zone=zone, terms=terms())
