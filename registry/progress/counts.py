"""What is counted of each commune, and what was counted on earlier nights."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection, text

from registry.bulk import copy_in, copy_out
from registry.database import load_sql, look_up

#: What is counted, in the order in which a citizen comes to a card.
MEASURES: tuple[str, ...] = (
    "forms", "persons", "temporary_residents", "dossiers", "produced", "returned", "delivered",
)  # fmt: skip

#: Measures of which the part of temporary residents is counted apart.
OF_TEMPORARY: dict[str, str] = {
    measure: f"temporary_{measure}" for measure in ("dossiers", "produced", "returned", "delivered")
}

#: Every column of counts, see the table `progress_count`.
COUNTED: tuple[str, ...] = (*MEASURES, *OF_TEMPORARY.values())

COUNT_SCHEMA = pa.schema(
    [
        ("business_date", pa.date32()),
        ("place", pa.large_string()),
        ("place_from", pa.date32()),
        *((column, pa.int64()) for column in COUNTED),
    ]
)


@dataclass(frozen=True)
class Counts:
    """The counts of a night: place, place_from and the columns `COUNTED`, one row a commune as stated."""

    date: dt.date
    places: pd.DataFrame


#: A day → the last counted night on or before it; None where there is none.
History = Callable[[dt.date], Counts | None]


def add_forms(store: Connection, forms: pa.Table) -> None:
    """Adds the accepted forms of a load to what is counted (columns place, place_from, forms), in its transaction."""
    store.execute(text(load_sql("progress", "create_counted")))
    copy_in(store, "counted", ["place", "place_from", "forms"], forms)
    store.execute(text(load_sql("progress", "add_forms")))


def count_night(store: Connection, date: dt.date) -> None:
    """Counts how each commune stands now, as the counts of a night; what was counted for it before is replaced.

    A night that is run again after later ones keeps its counts: what stands now is theirs.
    """
    store.execute(text("SET LOCAL work_mem = '256MB'"))
    _count_changed_cards(store)
    if store.scalar(text(load_sql("progress", "is_followed")), {"date": date}):
        return
    for statement in ("forget_night", "count_night"):
        store.execute(text(load_sql("progress", statement)), {"date": date})


def _count_changed_cards(store: Connection) -> None:
    # The planner takes nearly every card for a changed one and would read all; `card_uncounted` has the few.
    store.execute(text("SET LOCAL enable_seqscan = off"))
    store.execute(text(load_sql("progress", "create_changed")))
    store.execute(text("SET LOCAL enable_seqscan = on"))
    store.execute(text("ANALYZE changed"))
    look_up(store)
    for statement in ("place_changed", "count_cards", "mark_counted"):
        store.execute(text(load_sql("progress", statement)))
    look_up(store, on=False)


def history_of(store: Connection) -> History:
    """The counted nights of the store; each is read once."""

    @cache
    def on(day: dt.date) -> Counts | None:
        rows = copy_out(store, load_sql("progress", "counts"), COUNT_SCHEMA, {"date": day})
        if not rows.num_rows:
            return None
        return Counts(rows["business_date"][0].as_py(), rows.drop_columns("business_date").to_pandas())

    return on
