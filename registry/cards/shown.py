"""The cards of one person, as they stood after a night."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from registry.bulk import copy_out
from registry.cards.life import EVENTS, fold
from registry.database import load_sql

_SHOWN = ("state", "since", "reason", "on_hold", "attempt", "card_number", "office", "shipment")


def cards_of(store: Connection, persons: Sequence[str], *, night: dt.date) -> list[dict[str, Any]]:
    """Each dossier that was captured by then, with what had become of it.

    Args:
        store: the store.
        persons: ids of the person, old ones too.
        night: what was said later is left out.

    Returns:
        By the time of capture: `station`, `number`, `captured_at`, `state`, `since`, `reason`, `on_hold`, `attempt`,
        `card_number`, `office`, `shipment`, and `centre` and `sequence` of the batch that asked for it last.
    """
    dossiers = store.execute(text(load_sql("person", "cards")), {"ids": list(persons)}).mappings().all()
    values = {"dossiers": [row["dossier_id"] for row in dossiers], "night": night}
    folded = fold(copy_out(store, load_sql("person", "card_events"), EVENTS, values)).cards.to_pylist()
    cards = {card["dossier_id"]: card for card in folded}
    batches = {
        row.batch_no: (row.centre, row.sequence)
        for row in store.execute(
            text("SELECT batch_no, centre, sequence FROM card_batch WHERE batch_no = ANY(:numbers)"),
            {"numbers": [card["batch_no"] for card in folded if card["batch_no"] is not None]},
        )
    }
    shown = []
    for row in dossiers:
        if card := cards.get(row["dossier_id"]):
            centre, sequence = batches.get(card["batch_no"], (None, None))
            state = {name: card[name] for name in _SHOWN}
            said = {"station": row["station"], "number": row["number"], "captured_at": row["captured_at"]}
            shown.append({**said, **state, "centre": centre, "sequence": sequence})
    return shown
