"""Counts stated under the codes of one state of the country, in the units of another.

A commune that went whole into another one counts there. One that was divided, or whose trace is lost, has no key by
which its count could be divided: it stays with the smallest unit that holds all of it (district, province, nation).
So sums over the nation are the same in every state, and no unit is given what may be another's.
"""

from collections.abc import Iterable
from datetime import date
from functools import cache, cached_property

from registry.places.gazetteer import Gazetteer
from registry.places.units import Unit

#: The code of the nation, among those of its units.
NATION = "VN"


class Rebasing:
    """Leads from codes of any day to the units of one state."""

    def __init__(self, gazetteer: Gazetteer, target: int) -> None:
        """Takes the gazetteer and the number of the state in it, see `Gazetteer.state_on`."""
        self._gazetteer = gazetteer
        self._states = gazetteer.states
        self._target = target
        self.state = gazetteer.states[target]
        self.holder = cache(self._holder)
        self._after = cache(self._after_of)
        self._before = cache(self._before_of)

    def within(self, code: str) -> list[str]:
        """Returns a unit of the state, what it lies in, and the nation."""
        return self._within(code, self._target)

    def whole(self, unit: Unit, state: int) -> str | None:
        """Returns the code of the unit that is a unit of the state number `state`: all of it, and nothing else.

        None where there is none: what was asked of a unit that is no more is asked of nobody.
        """
        code = self._smallest(self._moved(unit.code, state, self._target), self._target)
        there = self.state.units.get(code)
        if there is None or there.level != unit.level:
            return None
        return code if self._smallest(self._moved(code, self._target, state), state) == unit.code else None

    def _holder(self, code: str, day: date) -> str:
        """The smallest unit of the state that holds all of what a code means on a day; the nation where it is none."""
        found = self._gazetteer.standing(code, day)
        return self._smallest(self._moved(code, found[0], self._target), self._target) if found else NATION

    def _within(self, code: str, state: int) -> list[str]:
        unit = self._states[state].units.get(code)
        return [*(above.code for above in self._states[state].above(unit)), NATION] if unit else [NATION]

    def _smallest(self, codes: Iterable[str], state: int) -> str:
        """The smallest unit that holds all these units of a state."""
        shared = NATION
        for steps in zip(*(self._within(code, state)[::-1] for code in codes), strict=False):
            if len(set(steps)) > 1:
                break
            shared = steps[0]
        return shared

    # -- from state to state -------------------------------------------------------------------------------

    def _moved(self, code: str, state: int, target: int) -> frozenset[str]:
        """Units of the state `target` in which a unit of the state `state` may lie."""
        codes = frozenset((code,))
        while state != target:
            step, beside = (self._after, state + 1) if state < target else (self._before, state - 1)
            codes = frozenset(found for one in codes for found in step(one, state))
            state = beside
        return codes

    def _after_of(self, code: str, state: int) -> frozenset[str]:
        """In the next state. Before the reform a code stayed with its unit; communes that were joined left no trace."""
        unit, following = self._states[state].units.get(code), self._states[state + 1].units
        if unit is None:
            return frozenset((code,))
        if state + 1 < len(self._states) - 1:
            return frozenset((code,)) if code in following else self._after(unit.parent_code or NATION, state)
        # A province of today may have the name and the code of an old one, and more communes.
        if below := self._communes[state].get(code):
            return frozenset(after for commune in below for after in self._after(commune, state))
        reformed = self._gazetteer.successors(code, unit.valid_from)
        return frozenset(after.unit.code for after in reformed) or frozenset((NATION,))

    def _before_of(self, code: str, state: int) -> frozenset[str]:
        """In the state before."""
        unit, earlier = self._states[state].units.get(code), self._states[state - 1].units
        if unit is None:
            return frozenset((code,))
        if state < len(self._states) - 1:
            return frozenset((code,)) if code in earlier else self._before(unit.parent_code or NATION, state)
        if below := self._communes[state].get(code):
            return frozenset(before for commune in below for before in self._before(commune, state))
        if earlier.get(code) is unit:
            return frozenset((code,))
        reformed = self._gazetteer.predecessors.get(code, ())
        return frozenset(before.code for before in reformed) or frozenset((NATION,))

    @cached_property
    def _communes(self) -> list[dict[str, list[str]]]:
        """State by state: communes by each unit above them."""
        found: list[dict[str, list[str]]] = []
        for state in self._states:
            below: dict[str, list[str]] = {}
            for unit in state.units.values():
                if unit.level == "commune":
                    for above in list(state.above(unit))[1:]:
                        below.setdefault(above.code, []).append(unit.code)
            found.append(below)
        return found
