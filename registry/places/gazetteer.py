"""The gazetteer: all states together, asked for a day."""

import csv
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from registry.errors import PlatformError
from registry.places.finder import WORDS, Finder, Way
from registry.places.names import Name, cuts, dashed_names, is_marked
from registry.places.successors import Successor, Successors
from registry.places.units import State, Unit, read_state
from registry.writing import TEXT

#: Since before the first state that we know: the beginning of that state is not among the facts.
BEGINNING = date(1900, 1, 1)

#: File of each state, and the first day that it is taken to be in force.
STATES: tuple[tuple[str, date], ...] = (
    ("units_2021-11-15.csv", BEGINNING),
    ("units_2025-03-12.csv", date(2025, 3, 12)),
    ("units_2026-08-02.csv", date(2025, 7, 1)),
)
MAPPING = "mapping_2025-07-01.csv"
ALIASES = "aliases.csv"

COMMUNE_DIGITS = 5

#: How a text was not resolved: it may mean several communes, or none.
AMBIGUOUS, UNKNOWN = "ambiguous", "unknown"


class Resolved(NamedTuple):
    """What texts mean, one entry a text.

    Attributes:
        codes: large_string, the commune's code; null where the text means none or several.
        valid_from: date32, the first day of the unit; null likewise.
        how: large_string, `code`, `old code`, `path` for a full path as it is written officially, or what was
            different (`finder.WORDS`, joined by `, `); `ambiguous` and `unknown` where there is no code.
    """

    codes: pa.Array
    valid_from: pa.Array
    how: pa.Array


_Answer = tuple[str | None, date | None, str]
_Found = dict[tuple[Finder, str], int]
_Search = Callable[[Finder, Sequence[str]], dict[str, int]]

#: Parts of a text that may be a commune and a province, or a district and its province without a commune.
PAIR = 2


@cache
def _words(way: int) -> str:
    return ", ".join(word for bit, word in WORDS.items() if way & bit) or "path"


class Gazetteer:
    """The units of all states. Opened once a process; what only texts need is built when the first one comes."""

    def __init__(self, states: Sequence[State], folder: Path) -> None:
        """Takes the states by first day, and the folder of the mapping and the aliases."""
        self.states = tuple(states)
        self.first_days = [state.first_day for state in states]
        self._folder = folder
        self._finder = cache(self._make_finder)
        self._answer = lru_cache(maxsize=200_000)(self._find)

    @classmethod
    def open(cls, folder: Path) -> "Gazetteer":
        """Reads the states in `folder` (`config/places`).

        Raises:
            PlatformError: a file is missing.
        """
        for name in (*(name for name, _ in STATES), MAPPING, ALIASES):
            if not (folder / name).exists():
                raise PlatformError(f"The places of {folder / name} are missing; restore them.")
        states: list[State] = []
        for name, first_day in STATES:
            states.append(read_state(folder / name, first_day, states[-1].units if states else {}))
        return cls(states, folder)

    # -- units as facts ------------------------------------------------------------------------------------

    def facts(self) -> Iterator[tuple[Unit, date | None]]:
        """Yields every unit once, with the day from which it stands no more (None: it stands)."""
        following = [*self.states[1:], None]
        for state, after in zip(self.states, following, strict=True):
            for unit in state.units.values():
                if after is None:
                    yield unit, None
                elif after.units.get(unit.code) is not unit:
                    yield unit, after.first_day

    def unit(self, code: str, valid_from: date) -> Unit | None:
        """Returns the unit of a code that began on a day, None when there is none."""
        units = (state.units.get(code) for state in self.states)
        return next((unit for unit in units if unit and unit.valid_from == valid_from), None)

    def successors(self, code: str, valid_from: date) -> list[Successor]:
        """Returns the units of today in which a unit lies, see `Successors.of`.

        Several: it was divided, and only an address or a person decides. None: what became of it is not known.
        """
        unit = self.unit(code, valid_from)
        return self._successors.of(unit) if unit else []

    def path_of(self, code: str, valid_from: date) -> str | None:
        """Returns the path of a unit (code, valid_from) in the first state that has it; None for no unit."""
        unit = self.unit(code, valid_from)
        return next((state.path(unit) for state in self.states if unit and state.units.get(code) is unit), None)

    def codes_above(self, code: str, valid_from: date) -> frozenset[str]:
        """Returns the codes of a unit (code, valid_from) and of what it lay in, in every state that has it."""
        unit = self.unit(code, valid_from)
        states = [state for state in self.states if unit and state.units.get(code) is unit]
        return frozenset(above.code for state in states if unit for above in state.above(unit))

    @cached_property
    def _successors(self) -> Successors:
        return Successors(self.states, self._folder / MAPPING)

    # -- asked for a day -----------------------------------------------------------------------------------

    def _begun(self, day: date) -> int:
        return max(1, bisect_right(self.first_days, day))

    def _unit(self, code: str, day: date) -> tuple[State, Unit] | None:
        states = reversed(self.states[: self._begun(day)])
        return next(((state, unit) for state in states if (unit := state.units.get(code))), None)

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
        return found[0].path(found[1]) if found else None

    def today(self, code: str, day: date) -> str | None:
        """Returns the code of the unit of today in which a unit of a day lies, by its seat; None for no unit."""
        found = self._unit(code, day)
        if not found:
            return None
        lie_in = self.successors(code, found[1].valid_from)
        return next((one.unit.code for one in lie_in if one.is_default), code)

    def resolve(self, texts: pa.Array, day: date) -> Resolved:
        """Says which commune each text means on a day.

        Args:
            texts: large_string, distinct and clean: a 5-digit commune code, or names from the commune upwards
                as people write them (`P. An Bình, TP.Biên Hòa, Đồng Nai`): with or without accents and kinds,
                in any order, levels left out where the rest is found once.
            day: the day that dates the texts. What is not known in its state is sought in the earlier ones.
        """
        begun = self._begun(day)
        answers = [self._answer(text, begun) if text else (None, None, UNKNOWN) for text in texts.to_pylist()]
        codes, first_days, how = zip(*answers, strict=True) if answers else ((), (), ())
        return Resolved(pa.array(codes, TEXT), pa.array(first_days, pa.date32()), pa.array(how, TEXT))

    def _find(self, text: str, begun: int) -> _Answer:
        if text.isdecimal():
            return self._find_code(text, begun)
        every, marked = list(cuts(text, self._dashed)), is_marked(text)
        for search in (Finder.find, Finder.find_below):
            for parts in every:
                found = self._search(search, parts, begun, marked=marked)
                if found:
                    return self._answer_of(found, parts, begun)
        return None, None, UNKNOWN

    def _find_code(self, code: str, begun: int) -> _Answer:
        for state in self.states[begun - 1 :: -1]:  # of the day, then the earlier ones: old codes are stated for years
            if len(code) == COMMUNE_DIGITS and (unit := state.units.get(code)):
                return code, unit.valid_from, "code" if state is self.states[begun - 1] else "old code"
        return None, None, UNKNOWN

    def _search(self, search: _Search, parts: list[str], begun: int, *, marked: bool) -> _Found:
        """Returns what the parts may mean: names written letter for letter go first, then the latest state."""
        for exact in (True, False) if marked else (False,):
            for place in reversed(range(begun)):
                finder = self._finder(place)
                found = search(finder, parts).items()
                if known := {(finder, code): way for code, way in found if not exact or not way & Way.ACCENTS}:
                    # an accent left out of an old path may make it a new one
                    return (
                        known
                        if exact or not marked or place == begun - 1
                        else known | self._mixed(parts, begun, marked=marked)
                    )
        return self._mixed(parts, begun, marked=marked)

    def _answer_of(self, found: _Found, parts: list[str], begun: int) -> _Answer:
        ((finder, code), way), *others = found.items()
        if others or (way & Way.KIND and len(parts) == PAIR and self._lacks_commune(parts, begun)):
            return None, None, AMBIGUOUS
        old = Way.OLD if finder is not self._finder(begun - 1) else 0
        return code, finder.state.units[code].valid_from, _words(way | old)

    def _lacks_commune(self, parts: list[str], begun: int) -> bool:
        return any(self._finder(place).lacks_commune(parts) for place in range(begun))

    def _make_finder(self, place: int) -> Finder:
        return Finder(self.states[place], self._aliases)

    @cached_property
    def _aliases(self) -> dict[str, str]:
        with (self._folder / ALIASES).open(encoding="utf-8", newline="") as lines:
            return {Name.of(row["written"]).key: row["name"] for row in csv.DictReader(lines)}

    @cached_property
    def _dashed(self) -> re.Pattern[str] | None:
        return dashed_names(unit.name for state in self.states for unit in state.units.values())

    @cached_property
    def _predecessors(self) -> Mapping[str, list[Unit]]:
        return self._successors.predecessors()

    def _mixed(self, parts: list[str], begun: int, *, marked: bool) -> _Found:
        """Returns the communes of today that parts name together with what stood there before the reform.

        So `Phường Trấn Biên, Thành phố Biên Hòa, Đồng Nai` is understood, and an old commune that was divided,
        when the new one is named beside it.
        """
        if begun < len(self.states) or len(parts) < PAIR:
            return {}
        now, before = self._finder(begun - 1), self._finder(begun - 2)
        found: _Found = {}
        for place, part in enumerate(parts):
            others = [*parts[:place], *parts[place + 1 :]]
            for code, way in now.meant(part).items():
                unit = now.state.units[code]
                if unit.level != "commune" or (marked and way & Way.ACCENTS):
                    continue
                old = {above.code for unit in self._predecessors.get(code, ()) for above in before.state.above(unit)}
                if all(unit.parent_code in now.meant(other) or old & before.meant(other).keys() for other in others):
                    found[now, code] = way | Way.MIXED
        return found
