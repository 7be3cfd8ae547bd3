"""The book of cards in the store: events are appended, and the cards that they are about are folded anew."""

import datetime as dt

import pyarrow as pa
from sqlalchemy import Connection, text

from registry.bulk import copy_in, copy_out
from registry.cards.life import EVENTS, fold
from registry.database import load_sql

#: What is said of cards. A row without a value says nothing about that.
SAID = pa.schema(
    [
        ("dossier_id", pa.string()),
        ("attempt", pa.int16()),
        ("event", pa.string()),
        ("happened_at", EVENTS.field("happened_at").type),
        ("reason", pa.string()),
        ("card_number", pa.string()),
        ("chip_serial", pa.string()),
        ("shipment", pa.string()),
        ("office", pa.string()),
        ("batch_no", pa.int32()),
        ("message_no", pa.int64()),
    ]
)


def write_events(store: Connection, said: pa.Table, *, date: dt.date) -> int:
    """Appends events and folds their cards; how many events were not known before.

    Args:
        store: in a transaction; the caller writes events once in it.
        said: columns of `SAID`, of dossiers that the store has.
        date: the business date.
    """
    _fill(store, "said", "create_said", said)
    appended = store.execute(text(load_sql("card", "insert_events")), {"date": date}).rowcount
    folded = fold(copy_out(store, load_sql("card", "events_of_said"), EVENTS))
    _fill(store, "folded_card", "create_folded_card", folded.cards)
    store.execute(text(load_sql("card", "merge_cards")))
    _fill(store, "refused_event", "create_refused_event", folded.refused)
    store.execute(text(load_sql("card", "unpark")))
    store.execute(text(load_sql("card", "park_events")), {"date": date})
    return appended


def _fill(store: Connection, table: str, create: str, rows: pa.Table) -> None:
    store.execute(text(load_sql("card", create)))
    copy_in(store, table, rows.schema.names, rows)
    store.execute(text(f"ANALYZE {table}"))
