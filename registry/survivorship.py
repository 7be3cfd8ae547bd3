"""In which order evidence decides, field by field: `config/survivorship.csv`, the only place where that stands."""

import csv
from dataclasses import dataclass
from pathlib import Path

from registry.errors import PlatformError

#: What may decide between two statements: the source's trust, how much the value says, and the day it was stated on.
PARTS: tuple[str, ...] = ("trust", "completeness", "day")

_TABLE = Path(__file__).parents[1] / "config" / "survivorship.csv"


@dataclass(frozen=True)
class Precedence:
    """What decides between two statements of one group.

    Attributes:
        order: `PARTS`, the one that decides first before the others.
        conflict_from: sources of this trust and above may not disagree without a person deciding; None: they may.
    """

    order: tuple[str, ...]
    conflict_from: int | None


def load_survivorship(path: Path = _TABLE) -> dict[str, Precedence]:
    """Reads the table: group, its names, the order of evidence, from which trust on sources conflict, legal basis.

    Args:
        path: the table.

    Returns:
        Group → its precedence, in the order of the table.

    Raises:
        PlatformError: an order does not name each of `PARTS` once, or a group stands there twice.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {row["group"]: _precedence(row) for row in rows}
    if len(found) < len(rows):
        raise PlatformError(f"{path.name} names a group twice")
    return found


def _precedence(row: dict[str, str]) -> Precedence:
    order = tuple(part.strip() for part in row["order"].split(">"))
    if sorted(order) != sorted(PARTS):
        raise PlatformError(f"survivorship.csv, {row['group']}: the order must name each of {', '.join(PARTS)} once")
    return Precedence(order, int(row["conflict_from"]) if row["conflict_from"] else None)
