"""The offices that cards are shipped to: what arrived, what was delivered, and what could not be."""

from collections.abc import Iterable
from typing import Any

from centre.house import House
from centre.state import State

#: Why a card cannot be delivered.
UNDELIVERABLE = ("wrong_address", "wrong_phone", "moved_away", "not_fetched")

_COLUMNS = ("happened_at", "event", "card_number", "shipment", "reason")


def decide_deliveries(state: State, *, share: float, run: int) -> None:
    """Writes down what becomes of the cards at the offices in this run."""
    state.run("insert_deliveries", run=run, share=share, reasons=list(UNDELIVERABLE))
    state.run("update_stock", run=run)


def send_deliveries(house: House, state: State) -> dict[str, int]:
    """Sends what was decided and not sent yet, a file an office and run; returns how many events of each kind."""
    sent: dict[str, int] = {}
    for file in state.rows("SELECT DISTINCT run, office FROM delivery WHERE NOT sent ORDER BY run, office"):
        rows = state.rows(
            f"SELECT {', '.join(_COLUMNS)} FROM delivery WHERE run = $run AND office = $office"
            " ORDER BY card_number, event",
            **file,
        )
        house.objects.put_bytes(f"inbox/deliveries/{file['office']}/{house.centre}-{file['run']:06d}.csv", _csv(rows))
        state.run("UPDATE delivery SET sent = true WHERE run = $run AND office = $office", **file)
        for row in rows:
            sent[row["event"]] = sent.get(row["event"], 0) + 1
    return sent


def _csv(rows: Iterable[dict[str, Any]]) -> bytes:
    """Cells that need no quotes: codes, numbers and times of our own making."""
    lines = [_COLUMNS, *([row[column] or "" for column in _COLUMNS] for row in rows)]
    return "".join(f"{','.join(line)}\n" for line in lines).encode()
