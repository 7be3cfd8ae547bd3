"""The stakes from which on two reviewers must say the same (`review.csv`)."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("review.csv")


@dataclass(frozen=True)
class Stakes:
    """Measure of a case (`registry.cases.Case`) → from which figure on one reviewer is not enough."""

    least: Mapping[str, int]

    def of(self, measures: Mapping[str, int]) -> tuple[str, ...]:
        """The stakes that a case reaches; none means that one reviewer's word takes effect."""
        return tuple(stake for stake, least in self.least.items() if measures[stake] >= least)


@cache
def stakes() -> Stakes:
    """Reads `review.csv`: stake, from, meaning."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return Stakes({row["stake"]: int(row["from"]) for row in csv.DictReader(file)})
