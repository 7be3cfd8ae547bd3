"""What became of the units that are no more, from the table of the reform of 1 July 2025."""

import csv
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from registry.places.units import State, Unit


@dataclass(frozen=True, slots=True)
class Successor:
    """A unit in force today in which a unit of earlier lies.

    Attributes:
        unit: the unit of today.
        extent: `whole`, or `part` where the unit of earlier was divided.
        is_default: it has the seat of the commune; of a district or province, most of its communes.
    """

    unit: Unit
    extent: str
    is_default: bool


_Row = tuple[str, str, bool]


class Successors:
    """Follows units to the last state."""

    def __init__(self, states: Sequence[State], mapping: Path) -> None:
        """Takes the states by first day, and the table that leads from the one before the last to the last."""
        self._states = states
        self._rows: dict[str, list[_Row]] = defaultdict(list)
        with mapping.open(encoding="utf-8", newline="") as lines:
            rows = csv.reader(lines)
            next(rows)
            for old, new, extent, is_default in rows:
                self._rows[old].append((new, extent, is_default == "1"))
        self._communes: dict[Unit, list[str]] = defaultdict(list)
        for state in states[:-1]:
            for unit in state.units.values():
                if unit.level == "commune":
                    for above in state.above(unit):
                        self._communes[above].append(unit.code)

    def predecessors(self) -> Mapping[str, list[Unit]]:
        """Returns, by code of a commune of today, the units of before the reform that lie in it at least in part."""
        before, found = self._states[-2].units, defaultdict(list)
        for old, rows in self._rows.items():
            for new, _, _ in rows:
                found[new].append(before[old])
        return found

    def of(self, unit: Unit) -> list[Successor]:
        """Returns what the unit is today; itself while it stands, nothing where it is not known.

        Before the reform a code stayed with its unit: the one that bears the code in the next state is its
        successor. Communes that were joined to others between the states of 2021 and 2025 have left no trace.
        """
        last, before = self._states[-1].units, self._states[-2].units
        later = before.get(unit.code, unit)
        for standing in (unit, later):
            if last.get(unit.code) is standing:
                return [Successor(standing, "whole", is_default=True)]
        if unit.level == "commune" or unit.code in self._rows:
            rows = self._rows.get(unit.code, [])
            return [Successor(last[new], extent, is_default) for new, extent, is_default in rows]
        return self._joined(later)

    def _joined(self, unit: Unit) -> list[Successor]:
        units = self._states[-1].units
        targets: Counter[str] = Counter()
        for commune in self._communes.get(unit, []):
            for new, _, is_default in self._rows.get(commune, []):
                target = units[new] if unit.level == "district" else units[units[new].parent_code]
                targets[target.code] += is_default
        if not targets:
            return []
        most = max(targets, key=lambda code: (targets[code], code))
        extent = "whole" if len(targets) == 1 else "part"
        return [Successor(units[code], extent, code == most) for code in sorted(targets)]
