"""The book of cards in the store: events are appended, and the cards that they are about are folded."""

import datetime as dt
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, text

from registry.bulk import copy_in, copy_out
from registry.cards.life import CARDS, EVENTS, STEPS, Folded, fold, fold_further
from registry.database import load_sql

#: Events, and beside each what its card is but for the dossier.
_SAID_OF_CARDS = pa.schema(
    [*EVENTS, *(field.with_name(f"card_{field.name}") for field in CARDS if field.name != "dossier_id")]
)


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
    # Sorted, so that the events and the cards are written in the order of their indexes.
    store.execute(text(f"INSERT INTO said {query} ORDER BY dossier_id, attempt, event, happened_at"), values or {})
    store.execute(text("ANALYZE said"))
    appended, folded = _append_and_fold(store, date)
    _fill(store, "folded_card", "create_folded_card", folded.cards)
    store.execute(text(load_sql("card", "merge_cards")))
    _fill(store, "refused_event", "create_refused_event", folded.refused)
    store.execute(text(load_sql("card", "unpark")))
    store.execute(text(load_sql("card", "park_events")), {"date": date})
    return appended


def _append_and_fold(store: Connection, date: dt.date) -> tuple[int, Folded]:
    """How many events were appended; what the cards come to, from all their events only where that is needed."""
    said = copy_out(store, load_sql("card", "said_of_cards"), _SAID_OF_CARDS)
    with ThreadPoolExecutor(1) as beside:
        # PostgreSQL appends meanwhile.
        folding = beside.submit(fold_further, said.select(EVENTS.names), _cards_of(said))
        appended = store.execute(text(load_sql("card", "insert_events")), {"date": date}).rowcount
        cards, unfolded = folding.result()
    _fill(store, "unfolded", "create_unfolded", pa.table({"dossier_id": unfolded}))
    events = copy_out(store, load_sql("card", "events_of_unfolded"), EVENTS)
    anew = fold(events)
    further = cards.filter(pc.invert(pc.is_in(cards["dossier_id"], pc.unique(events["dossier_id"]))))
    return appended, Folded(pa.concat_tables([further, anew.cards]), anew.refused)


def _cards_of(said: pa.Table) -> pa.Table:
    names = ["dossier_id", *(name for name in said.column_names if name not in EVENTS.names)]
    return said.select(names).rename_columns(CARDS.names)


def cancel(store: Connection, dossier_id: str, *, reason: str, date: dt.date) -> bool:
    """Ends a card that nobody wants any more; False where it has ended already."""
    values = {"dossier_id": dossier_id, "reason": reason, "states": list(STEPS["cancelled"])}
    return write_events(store, load_sql("card", "cancelled"), values, date=date) > 0


def _fill(store: Connection, table: str, create: str, rows: pa.Table) -> None:
    store.execute(text(load_sql("card", create)))
    copy_in(store, table, rows.schema.names, rows)
    store.execute(text(f"ANALYZE {table}"))
