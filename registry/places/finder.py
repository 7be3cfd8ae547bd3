"""Which communes of one state a path of names may mean.

Every way that a text can be read counts. Where two ways lead to two communes the text is ambiguous, and
nothing is picked by likelihood; only a commune whose name is written letter for letter goes before one that a
left out accent would make of it.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from registry.places.names import Name, readings
from registry.places.units import State, Unit


class Way:
    """What a text left open or did otherwise, as bits; 0 is the full path with kinds and accents.

    Plain numbers: an enum's would take a third of the time of resolving.
    """

    ORDER = 1
    KIND = 2
    ACCENTS = 4
    PARTIAL = 8
    MORE = 16
    MIXED = 32
    OLD = 64


#: The words for it, as they are told to people.
WORDS: dict[int, str] = {
    Way.OLD: "old name",
    Way.MIXED: "old and new names",
    Way.PARTIAL: "partial",
    Way.MORE: "with more",
    Way.ORDER: "other order",
    Way.KIND: "without kind",
    Way.ACCENTS: "without accents",
}

#: Codes of the units that a part of a path may mean, and the way.
Meant = dict[str, int]


class Finder:
    """The names of a state, looked up."""

    def __init__(self, state: State, aliases: dict[str, str]) -> None:
        """Takes a state and, by key, the names that are written otherwise (`HCM`)."""
        self.state = state
        self._aliases = {key: Name.of(name) for key, name in aliases.items()}
        self._named: dict[str, list[tuple[str, Name, Unit]]] = {}
        for unit in state.units.values():
            kind, name = readings(unit.full_name)[-1]
            self._named.setdefault(name.key, []).append((kind, name, unit))
        self.meant = lru_cache(maxsize=100_000)(self._meant)

    def _meant(self, part: str) -> Meant:
        meant: Meant = {}
        for kind, written in readings(part):
            other = self._aliases.get(written.key)
            for name in (written, other) if other else (written,):
                for code, way in self._named_so(kind, name):
                    meant[code] = min(way, meant.get(code, way))
        return meant

    def _named_so(self, kind: str, name: Name) -> Iterator[tuple[str, int]]:
        for their_kind, their_name, unit in self._named.get(name.key, ()):
            if kind in {"", their_kind} and name.may_be(their_name):
                way = 0 if name.equals(their_name) else Way.ACCENTS
                yield unit.code, way if kind else way | Way.KIND

    def find(self, parts: Sequence[str]) -> dict[str, int]:
        """Returns the communes that the parts of a path may mean together, each with the way.

        Args:
            parts: commune and what it lies in, in any order.
        """
        found: dict[str, int] = {}
        if not 1 < len(parts) <= self.state.levels:
            return found
        meant = [self.meant(part) for part in parts]
        for place, communes in enumerate(meant):
            others = meant[:place] + meant[place + 1 :]
            for code, way in communes.items():
                unit = self.state.units[code]
                if unit.level == "commune" and (above := self._above(unit, others)) is not None:
                    whole = way | above | (Way.ORDER if place else 0)
                    found[code] = min(whole, found.get(code, whole))
        return found

    def find_below(self, parts: Sequence[str]) -> dict[str, int]:
        """Returns the communes that the last parts name, where others stand before them (`Ấp 3, Xã Phú Lý, …`).

        The commune is named with its kind, and nothing before it has one: that would be another unit.
        """
        more, path = parts[: -self.state.levels], parts[-self.state.levels :]
        if not more or any(kind for part in more for kind, _ in readings(part)):
            return {}
        kinds = self.meant(path[0])
        return {
            code: way | Way.MORE
            for code, way in self.find(path).items()
            if not way & Way.ORDER and not kinds[code] & Way.KIND
        }

    def lacks_commune(self, parts: Sequence[str]) -> bool:
        """Whether two parts may be a district and its province: `Long Thành, Đồng Nai` is that, and a commune."""
        one, other = (self.meant(part) for part in parts)
        return any(
            self.state.units[code].level == "district" and self.state.units[code].parent_code in provinces
            for districts, provinces in ((one, other), (other, one))
            for code in districts
        )

    def _above(self, commune: Unit, others: Sequence[Meant]) -> int | None:
        """Returns the way in which the other parts name what the commune lies in; None when they do not."""
        parent = self.state.units[commune.parent_code]
        if len(others) == 1:
            ways = [others[0].get(code) for code in (parent.code, parent.parent_code) if code]
            partial = Way.PARTIAL if parent.parent_code else 0
            return min((way | partial for way in ways if way is not None), default=None)
        (first, second), (district, province) = others, (parent.code, parent.parent_code)
        natural = _both(first.get(district), second.get(province))
        turned = _both(first.get(province), second.get(district))
        return natural if natural is not None or turned is None else turned | Way.ORDER


def _both(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one | other
