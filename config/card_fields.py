"""What stands on an identity card, side by side for each layout, and from when to when (`card_fields.csv`)."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("card_fields.csv")


@dataclass(frozen=True)
class CardField:
    """One field of one layout.

    Attributes:
        field: its name; of a text the column of `registry.cards.printed.PRINTED`.
        layout: `2021` or `2024`.
        since: first day of issue on whose cards it stands.
        until: last such day; None: it still does.
        side: `front` or `back`.
        made_of: `text`; `code` (zone or QR); `photo` or `fingerprints` of the dossier; `centre`: the production centre
            knows it; `absent`: no column of a dossier has it.
        label: as printed, in Vietnamese; empty where none is.
        source: the law or circular.
    """

    field: str
    layout: str
    since: date
    until: date | None
    side: str
    made_of: str
    label: str
    source: str


@cache
def card_fields() -> tuple[CardField, ...]:
    """The table, in its order."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            CardField(
                field=row["field"],
                layout=row["layout"],
                since=date.fromisoformat(row["from"]),
                until=date.fromisoformat(row["until"]) if row["until"] else None,
                side=row["side"],
                made_of=row["made_of"],
                label=row["label"],
                source=row["source"],
            )
            for row in csv.DictReader(file)
        )


def layout_on(day: date) -> str:
    """The layout of cards issued on a day; the first one for days before it: none older is made any more."""
    layouts = {field.layout: field.since for field in card_fields()}
    begun = [layout for layout, since in layouts.items() if since <= day]
    return max(begun, key=layouts.__getitem__) if begun else min(layouts, key=layouts.__getitem__)


def printed_texts() -> Mapping[str, tuple[str, ...]]:
    """Layout → its texts, in the order of the card, as `registry.cards.printed.printed` takes them."""
    layouts = dict.fromkeys(field.layout for field in card_fields())
    return {
        layout: tuple(field.field for field in card_fields() if field.layout == layout and field.made_of == "text")
        for layout in layouts
    }
