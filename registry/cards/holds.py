"""Cards that must not go on: of whom people must decide, who was tied or parted, who has died."""

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from sqlalchemy import Connection, text

from registry.cards.life import ENDED
from registry.database import load_sql

#: `identity`: its person was tied to another or parted since; `death`: its person has died.
Reason = Literal["identity", "death"]


def hold_persons(store: Connection, persons: Sequence[str], reason: Reason, *, date: dt.date) -> int:
    """Puts the cards of persons (ids of today) on hold; how many were not yet."""
    values = {"persons": list(persons), "reason": reason, "date": date, "ended": list(ENDED)}
    return store.execute(text(load_sql("hold", "hold_persons")), values).rowcount


def follow_reviews(store: Connection, *, date: dt.date) -> tuple[int, int]:
    """Puts cards of persons in review on hold, and lets those go on of whom people have decided; how many of each."""
    held = store.execute(text(load_sql("hold", "hold_reviewed")), {"date": date, "ended": list(ENDED)}).rowcount
    return held, store.execute(text(load_sql("hold", "release_reviewed")), {"date": date}).rowcount


def release(store: Connection, dossier_id: str, *, reason: str, date: dt.date) -> bool:
    """Lets a card go on, since somebody has looked at it and says why; whether it was on hold."""
    values = {"dossier_id": dossier_id, "reason": reason, "date": date}
    return store.execute(text(load_sql("hold", "release_dossier")), values).rowcount > 0
