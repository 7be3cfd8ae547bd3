"""The book of cards in the store: events are appended, and the cards that they are about are folded anew."""

import datetime as dt
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, text

from registry.bulk import copy_in, copy_out
from registry.cards.life import CARDS, EVENTS, STEPS, Folded, fold, late
from registry.database import load_sql


def write_events(store: Connection, query: str, values: Mapping[str, object] | None = None, *, date: dt.date) -> int:
    """Appends events and folds their cards; how many events were not known before.

    Args:
        store: in a transaction; the caller writes events once in it.
        query: what is said of dossiers that the store has: dossier_id, attempt, event, happened_at, reason,
            card_number, chip_serial, shipment, office, batch_no, message_no. Null says nothing about that.
        values: of the query.
        date: the business date.
    """
    # Nobody else may write cards until this ends: the fold would lack their events, and undo what they say.
    store.execute(text("LOCK TABLE card IN SHARE ROW EXCLUSIVE MODE"))
    store.execute(text(load_sql("card", "create_said")))
    store.execute(text(f"INSERT INTO said {query}"), values or {})
    store.execute(text("ANALYZE said"))
    new = copy_out(store, load_sql("card", "insert_events"), EVENTS, {"date": date})
    folded = _fold(store, new)
    _fill(store, "folded_card", "create_folded_card", folded.cards)
    store.execute(text(load_sql("card", "merge_cards")))
    _fill(store, "refused_event", "create_refused_event", folded.refused)
    store.execute(text(load_sql("card", "unpark")))
    store.execute(text(load_sql("card", "park_events")), {"date": date})
    return new.num_rows


def _fold(store: Connection, new: pa.Table) -> Folded:
    """Folds new events into the cards as they are; where that cannot be, all events of a card."""
    cards = copy_out(store, load_sql("card", "said_cards"), CARDS)
    _fill(store, "late_event", "create_late_event", pa.table({"dossier_id": late(new, cards)}))
    anew = copy_out(store, load_sql("card", "events_of_late"), EVENTS)
    return fold(pa.concat_tables([_without(new, anew), anew]), _without(cards, anew))


def _without(rows: pa.Table, others: pa.Table) -> pa.Table:
    return rows.filter(pc.invert(pc.is_in(rows["dossier_id"], pc.unique(others["dossier_id"]))))


def cancel(store: Connection, dossier_id: str, *, reason: str, date: dt.date) -> bool:
    """Ends a card that nobody wants any more; False where it has ended already."""
    values = {"dossier_id": dossier_id, "reason": reason, "states": list(STEPS["cancelled"])}
    return write_events(store, load_sql("card", "cancelled"), values, date=date) > 0


def _fill(store: Connection, table: str, create: str, rows: pa.Table) -> None:
    store.execute(text(load_sql("card", create)))
    copy_in(store, table, rows.schema.names, rows)
    store.execute(text(f"ANALYZE {table}"))
