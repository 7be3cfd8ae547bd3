"""Administrative units as dated facts: a code or a text means a unit only on a day.

Three states of the country are known (`config/places`, see its README): that of 2021, taken as in force
since ever; that of 2025-03-12; and the two-tier one of 1 July 2025. A unit that stands unchanged in states
that follow each other (same code, name and parent) is one fact, in force since the first of them.
"""

import csv
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from itertools import product
from pathlib import Path

import pyarrow as pa

from registry.errors import PlatformError
from registry.writing import TEXT, plain

#: Since before the first state that we know: the beginning of that state is not among the facts.
BEGINNING = date(1900, 1, 1)

#: File of each state, and the first day that it is taken to be in force.
STATES: tuple[tuple[str, date], ...] = (
    ("units_2021-11-15.csv", BEGINNING),
    ("units_2025-03-12.csv", date(2025, 3, 12)),
    ("units_2026-08-02.csv", date(2025, 7, 1)),
)

COMMUNE_DIGITS = 5
_PARTS = (2, 3)

#: What stands before a name, without accents: the words, and how they are shortened.
_KINDS: dict[str, str] = {
    "XA": "XA", "PHUONG": "PHUONG", "THI TRAN": "THI TRAN", "DAC KHU": "DAC KHU",
    "QUAN": "QUAN", "HUYEN": "HUYEN", "THI XA": "THI XA", "THANH PHO": "THANH PHO", "TINH": "TINH",
    "X": "XA", "P": "PHUONG", "TT": "THI TRAN", "Q": "QUAN", "H": "HUYEN", "TX": "THI XA",
    "TP": "THANH PHO", "T": "TINH",
}  # fmt: skip
_WORDS = re.compile(r"(XA|PHUONG|THI TRAN|DAC KHU|QUAN|HUYEN|THI XA|THANH PHO|TINH)[. ]+(?=\S)")
_SHORT = re.compile(r"(TT|TX|TP)(?:\. ?| )(?=\S)|(X|P|Q|H|T)\. ?(?=\S)|(P|Q) ?(?=\d)")

_KindAndName = tuple[str, str]


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


def _name(words: str) -> str:
    return str(int(words)) if words.isdecimal() else words


def _readings(part: str) -> list[_KindAndName]:
    """Ways to read one part of a path: `Q. 1` is a Quận named 1; `Quan Sơn` may be a name as it stands."""
    key = " ".join(plain(part).replace("’", "'").split()).strip(" .")
    readings = [("", _name(key))]
    if found := _WORDS.match(key) or _SHORT.match(key):
        kind = _KINDS[next(word for word in found.groups() if word)]
        readings.append((kind, _name(key[found.end() :])))
    return readings


@dataclass(frozen=True)
class State:
    """The units in force from one day on, by code."""

    first_day: date
    units: dict[str, Unit] = field(repr=False)

    def above(self, unit: Unit) -> Iterator[Unit]:
        """Yields the unit and what it lies in, up to the province."""
        step: Unit | None = unit
        while step:
            yield step
            step = self.units.get(step.parent_code)

    @cached_property
    def _paths(self) -> dict[tuple[str, ...], list[tuple[tuple[str, ...], str]]]:
        """Kinds and code of the communes of each path of names; built when the first text asks for it."""
        paths: dict[tuple[str, ...], list[tuple[tuple[str, ...], str]]] = {}
        upper: dict[str, tuple[_KindAndName, ...]] = {}
        for unit in self.units.values():
            if unit.level != "commune":
                continue
            if unit.parent_code not in upper:
                parent = self.units[unit.parent_code]
                upper[unit.parent_code] = tuple(_readings(step.full_name)[-1] for step in self.above(parent))
            parts = (_readings(unit.full_name)[-1], *upper[unit.parent_code])
            kinds, names = tuple(part[0] for part in parts), tuple(part[1] for part in parts)
            paths.setdefault(names, []).append((kinds, unit.code))
        return paths

    def find(self, text: str) -> set[str]:
        """Returns the codes of the communes that a code or a full path may mean in this state."""
        if len(text) == COMMUNE_DIGITS and text.isdecimal():
            return {text} & self.units.keys()
        parts = text.split(",")
        if len(parts) not in _PARTS:
            return set()
        found = set()
        for readings in product(*(_readings(part) for part in parts)):
            kinds, names = tuple(part[0] for part in readings), tuple(part[1] for part in readings)
            for their_kinds, code in self._paths.get(names, ()):
                if all(not mine or mine == their for mine, their in zip(kinds, their_kinds, strict=True)):
                    found.add(code)
        return found


def _read_state(path: Path, first_day: date, before: dict[str, Unit]) -> State:
    units = {}
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines)
        next(rows)
        for level, code, name, full_name, parent_code in rows:
            unit, earlier = Unit(level, code, name, full_name, parent_code, first_day), before.get(code)
            units[code] = earlier if earlier and unit.same(earlier) else unit
    return State(first_day, units)


class Gazetteer:
    """The units of all states. Opened once a process; holds no open file."""

    def __init__(self, states: Sequence[State]) -> None:
        """Takes the states by first day."""
        self.states = tuple(states)
        self.first_days = [state.first_day for state in states]
        self._commune = lru_cache(maxsize=200_000)(self._find)

    @classmethod
    def open(cls, folder: Path) -> "Gazetteer":
        """Reads the states in `folder` (`config/places`).

        Raises:
            PlatformError: a file is missing.
        """
        states: list[State] = []
        for name, first_day in STATES:
            try:
                states.append(_read_state(folder / name, first_day, states[-1].units if states else {}))
            except FileNotFoundError as error:
                raise PlatformError(f"The places of {error.filename} are missing; restore them.") from error
        return cls(states)

    def _begun(self, day: date) -> int:
        return max(1, bisect_right(self.first_days, day))

    def _unit(self, code: str, day: date) -> tuple[State, Unit] | None:
        states = reversed(self.states[: self._begun(day)])
        return next(((state, unit) for state in states if (unit := state.units.get(code))), None)

    def resolve(self, texts: pa.Array, day: date) -> tuple[pa.Array, pa.Array]:
        """Says which commune each text means on a day.

        Args:
            texts: large_string, distinct and clean: a 5-digit commune code, or its full path
                `commune, district, province` (`commune, province` since July 2025), with or without accents
                and the units' kinds.
            day: the day that dates the texts. What is not valid in its state is sought in the earlier ones.

        Returns:
            Code (large_string) and first day (date32) of the unit; both null where the text means none or
            several.
        """
        begun = self._begun(day)
        units = [self._commune(text, begun) if text else None for text in texts.to_pylist()]
        return (
            pa.array([unit and unit.code for unit in units], TEXT),
            pa.array([unit and unit.valid_from for unit in units], pa.date32()),
        )

    def _find(self, text: str, begun: int) -> Unit | None:
        # the state of the day, then the earlier ones: old codes are stated for years
        for state in reversed(self.states[:begun]):
            if found := state.find(text):
                return state.units[found.pop()] if len(found) == 1 else None
        return None

    def province_of(self, code: str, day: date) -> str | None:
        """Returns the 2-digit code of the province that a province, district or commune lay in on a day."""
        found = self._unit(code, day)
        return list(found[0].above(found[1]))[-1].code if found else None

    def name(self, code: str, day: date) -> str | None:
        """Returns a unit's full name (`Phường An Bình`) on a day; None for a code that was none."""
        found = self._unit(code, day)
        return found[1].full_name if found else None

    def path(self, code: str, day: date) -> str | None:
        """Returns a unit's full name and those above it, joined by `, `; None for a code that was none."""
        found = self._unit(code, day)
        return ", ".join(unit.full_name for unit in found[0].above(found[1])) if found else None
