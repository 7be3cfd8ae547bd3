"""Units and the states of the country that they stand in."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

LEVELS: tuple[str, ...] = ("province", "district", "commune")


@dataclass(frozen=True, slots=True)
class Unit:
    """A province, district or commune while it stood unchanged."""

    level: str
    code: str
    name: str
    full_name: str
    parent_code: str
    valid_from: date

    def same(self, other: "Unit | None") -> bool:
        """Whether `other` is this unit in another state."""
        mine = (self.level, self.code, self.full_name, self.parent_code)
        return other is not None and mine == (other.level, other.code, other.full_name, other.parent_code)


@dataclass(frozen=True)
class State:
    """The units in force from one day on, by code."""

    first_day: date
    units: Mapping[str, Unit] = field(repr=False)

    def above(self, unit: Unit) -> Iterator[Unit]:
        """Yields the unit and what it lies in, up to the province."""
        step: Unit | None = unit
        while step:
            yield step
            step = self.units.get(step.parent_code)

    def path(self, unit: Unit) -> str:
        """Returns the unit's full name and those above it, joined by `, `."""
        return ", ".join(step.full_name for step in self.above(unit))

    @cached_property
    def levels(self) -> int:
        """Levels of the path of a commune: 3, and since July 2025 2."""
        return 3 if any(unit.level == "district" for unit in self.units.values()) else 2


def read_state(path: Path, first_day: date, before: Mapping[str, Unit]) -> State:
    """Reads a `units_*.csv`; a unit that stood the same in the state before keeps its first day.

    Raises:
        FileNotFoundError: there is no such file.
    """
    units = {}
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        next(rows)
        for level, code, name, full_name, parent_code in rows:
            # some names of 2021 have a space too many
            named = " ".join(name.split()), " ".join(full_name.split())
            unit, earlier = Unit(level, code, *named, parent_code, first_day), before.get(code)
            units[code] = earlier if earlier and unit.same(earlier) else unit
    return State(first_day, units)
