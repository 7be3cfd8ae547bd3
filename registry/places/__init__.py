"""Administrative units as dated facts: a code or a text means a unit only on a day.

Three states of the country are known (`config/places`, see its README): that of 2021, taken as in force
since ever; that of 2025-03-12; and the two-tier one of 1 July 2025. A unit that stands unchanged in states
that follow each other (same code, name and parent) is one fact, in force since the first of them.
"""

from registry.places.gazetteer import AMBIGUOUS, BEGINNING, COMMUNE_DIGITS, STATES, UNKNOWN, Gazetteer, Resolved
from registry.places.rebasing import NATION, Rebasing
from registry.places.successors import Successor
from registry.places.units import State, Unit

__all__ = [
    "AMBIGUOUS",
    "BEGINNING",
    "COMMUNE_DIGITS",
    "NATION",
    "STATES",
    "UNKNOWN",
    "Gazetteer",
    "Rebasing",
    "Resolved",
    "State",
    "Successor",
    "Unit",
]
