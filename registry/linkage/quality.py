"""Quality: how often the decisions are right, where somebody who knows has said who is who."""

import math
from dataclasses import dataclass
from typing import Any

import duckdb

from registry.database import load_sql

#: Of a normal distribution: 95 % lie within so many standard deviations.
_Z = 1.959964


@dataclass(frozen=True)
class Share:
    """`right` of `of`, as what it may be in truth (Wilson's interval of 95 %)."""

    right: int
    of: int

    @property
    def value(self) -> float:
        """As counted."""
        return self.right / self.of

    @property
    def low(self) -> float:
        """The least that it may be."""
        return max(0.0, self._centre - self._reach)

    @property
    def high(self) -> float:
        """The most that it may be."""
        return min(1.0, self._centre + self._reach)

    @property
    def _centre(self) -> float:
        return (self.right + _Z**2 / 2) / (self.of + _Z**2)

    @property
    def _reach(self) -> float:
        spread = self.right * (self.of - self.right) / self.of + _Z**2 / 4
        return _Z * math.sqrt(spread) / (self.of + _Z**2)


@dataclass(frozen=True)
class Quality:
    """Pairs of labelled forms: those that are one person in truth, those that are by our decisions, and by both.

    Attributes:
        forms: labelled ones.
        true, said, right: pairs.
    """

    forms: int
    true: int
    said: int
    right: int

    @property
    def precision(self) -> Share | None:
        """Of the pairs that we say are one person, those that are; None where we say it of none."""
        return Share(self.right, self.said) if self.said else None

    @property
    def recall(self) -> Share | None:
        """Of the pairs that are one person, those that we say are; None where there are none."""
        return Share(self.right, self.true) if self.true else None

    def as_dict(self) -> dict[str, Any]:
        """Counts and shares, each share with its interval, null where there is nothing to divide by."""
        counts = {"forms": self.forms, "pairs_true": self.true, "pairs_said": self.said, "pairs_right": self.right}
        shares: dict[str, float | None] = {}
        for name, share in (("precision", self.precision), ("recall", self.recall)):
            shares[name] = round(share.value, 6) if share else None
            shares[f"{name}_low"] = round(share.low, 6) if share else None
            shares[f"{name}_high"] = round(share.high, 6) if share else None
        return {**counts, **shares}


def measure_quality(connection: duckdb.DuckDBPyConnection) -> Quality:
    """The quality of a load's decisions: of pairs of which one form or both are new.

    Args:
        connection: with `placed` of `registry.linkage.placement`, and `label`: form_id, person_key, is_new of all
            labelled forms that are new, that are of the persons concerned, or of whom a new one is in truth.
    """
    return Quality(*connection.execute(load_sql("link", "label_pairs")).fetchall()[0])
