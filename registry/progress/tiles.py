"""The map of provinces: a tile each, roughly where the province lies, so that a small one is seen like a large one."""

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

#: Width and height of a tile, in units of the drawing.
WIDTH, HEIGHT = 76, 34


@dataclass(frozen=True)
class Tile:
    """Where a province is drawn: column from the west, row from the north."""

    column: int
    row: int

    @property
    def left(self) -> int:
        """In units of the drawing."""
        return self.column * WIDTH

    @property
    def top(self) -> int:
        """In units of the drawing."""
        return self.row * HEIGHT


def read_tiles(path: Path, *, first_day: dt.date) -> dict[str, Tile]:
    """The tiles of the provinces of the state that is in force from a day on, by code (`config/places/tiles.csv`)."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [(dt.date.fromisoformat(row["since"]), row) for row in csv.DictReader(lines)]
    latest = max(since for since, _ in rows if since <= first_day)
    return {row["code"]: Tile(int(row["column"]), int(row["row"])) for since, row in rows if since == latest}
