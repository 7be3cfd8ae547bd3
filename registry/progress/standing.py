"""How far each place is: counts rolled up over the units of a day, beside what was to be reached."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

import pandas as pd

from registry.places import BEGINNING, NATION, Gazetteer, Rebasing
from registry.progress.counts import COUNTED, MEASURES, Counts, History
from registry.progress.targets import Target

#: Over how many days the pace is measured.
PACE_DAYS = 7

#: How many days after its end a target is still shown.
SHOWN_DAYS = 90

LEVELS: tuple[str, ...] = ("nation", "province", "district", "commune")


@dataclass(frozen=True)
class Goal:
    """A target, and how far its place is.

    Attributes:
        target: as it was set.
        name: the place's, on the day of its code.
        level: of `LEVELS`.
        unit: code of the unit that is the place in the state that is shown; None where no unit is just that.
        count: counted in the period, in the units of the target's own day, up to the night or the period's end.
        share: of the target that is reached; above 1 when it is exceeded.
        pace: a day, as it was of late; None before there are two nights.
        days_left: from the night to the end of the period; 0 or less when it is over.
        pace_needed: a day, to reach the target at the end; None when the period is over and it is not reached.
        rank: among the places of its level with a target of this measure, by share; None without a unit.
        ranked: how many these are.
    """

    target: Target
    name: str
    level: str
    unit: str | None
    count: int
    share: float
    pace: float | None
    days_left: int
    pace_needed: float | None
    rank: int | None = None
    ranked: int = 0


@dataclass(frozen=True)
class Standing:
    """How far each unit of a state of the country is.

    Attributes:
        date: the night that was counted.
        first_day: of the state in which the units are.
        units: by code, every unit of which something is counted or asked, the nation first: level, name (with its
            kind), parent, the columns `COUNTED`, `pace_<measure>` (a day), at_offices (cards that wait there for their
            citizens), days_of_stock (these by the pace of delivery).
        apart: by code of a unit, the part of its `COUNTED` that belongs to none of the units below it: what is stated
            under codes that were divided since, or that are of none.
        goals: the targets of the day; those whose place is no unit of the state have none.
    """

    date: dt.date
    first_day: dt.date
    units: pd.DataFrame
    apart: pd.DataFrame
    goals: list[Goal]

    def goal(self, unit: str, measure: str) -> Goal | None:
        """The goal of a unit for a measure."""
        return self._by_unit.get((unit, measure))

    def above(self, unit: str) -> list[str]:
        """The unit and what it lies in, up to the nation."""
        steps = [unit]
        while parent := self._parents[steps[-1]]:
            steps.append(parent)
        return steps

    def apart_of(self, unit: str) -> dict[str, int]:
        """What is counted of a unit and of none below it, by column of `COUNTED`; empty where that is nothing."""
        counts = {column: int(_value(self.apart, unit, column)) for column in COUNTED}
        return counts if any(counts.values()) else {}

    @cached_property
    def _parents(self) -> dict[str, str]:
        return dict(zip(self.units.index, self.units["parent"], strict=True))

    @cached_property
    def _by_unit(self) -> dict[tuple[str, str], Goal]:
        return {(goal.unit, goal.target.measure): goal for goal in self.goals if goal.unit}


def standing_on(
    day: dt.date, *, history: History, targets: Sequence[Target], gazetteer: Gazetteer, places_of: dt.date | None = None
) -> Standing | None:
    """How far each unit was after the last counted night on or before a day.

    Args:
        day: asked for.
        history: counts of the nights.
        targets: all that there are.
        gazetteer: of the places.
        places_of: the day in whose units it is shown; None: that of the night.

    Returns:
        The standing; None where nothing was counted yet.
    """
    now = history(day)
    if now is None:
        return None
    shown = gazetteer.state_on(places_of or now.date)
    lookup = _Totals(history, gazetteer)
    rebasing = lookup.rebasing(shown)
    total, own = lookup.of(now.date, shown)
    goals = [lookup.goal(target, now.date, shown) for target in _in_force(targets, now.date)]
    asked = {above for goal in goals if goal.unit for above in rebasing.within(goal.unit)}
    units = _described(total.reindex(total.index.union(sorted(asked)), fill_value=0), rebasing)
    return Standing(
        date=now.date,
        first_day=rebasing.state.first_day,
        units=_with_pace(units, lookup.pace(now.date, shown)),
        apart=own[units["level"].reindex(own.index) != "commune"],
        goals=_ranked(goals),
    )


def _in_force(targets: Sequence[Target], day: dt.date) -> list[Target]:
    """Of each place and measure the target in whose period the day lies, failing that the last one that ended."""
    chosen: dict[tuple[object, ...], Target] = {}
    for target in sorted(targets, key=lambda one: (min(one.until, day), one.since, one.until)):
        if target.since <= day <= target.until + dt.timedelta(days=SHOWN_DAYS):
            chosen[target.place, target.place_date, target.measure] = target
    return list(chosen.values())


class _Totals:
    """Totals of units on nights, in any state, each worked out once."""

    def __init__(self, history: History, gazetteer: Gazetteer) -> None:
        self.history, self.gazetteer = history, gazetteer
        self.rebasing = cache(lambda state: Rebasing(gazetteer, state))
        self.of = cache(self._of)
        self.pace = cache(self._pace)

    def _of(self, day: dt.date, state: int) -> tuple[pd.DataFrame, pd.DataFrame]:
        """By code: totals of the units, and what is counted of each alone; empty where no night is so early."""
        counts = self.history(day)
        return roll_up(counts, self.rebasing(state)) if counts else (_nothing(), _nothing())

    def _pace(self, night: dt.date, state: int) -> pd.DataFrame | None:
        """How many more a day of late."""
        earlier = self.history(night - dt.timedelta(days=PACE_DAYS)) or self._first_before(night)
        if earlier is None:
            return None
        total, before = self.of(night, state)[0], self.of(earlier.date, state)[0]
        return total.sub(before, fill_value=0) / (night - earlier.date).days

    def _first_before(self, night: dt.date) -> Counts | None:
        """The earliest night of the days before, where there is none as long ago as the pace is measured over."""
        days = (night - dt.timedelta(days=back) for back in range(PACE_DAYS - 1, 0, -1))
        return next((counts for counts in map(self.history, days) if counts), None)

    def goal(self, target: Target, night: dt.date, shown: int) -> Goal:
        """How far the place of a target is, counted in the units of the target's own day."""
        found = self.gazetteer.standing(target.place, target.place_date)
        state = found[0] if found else shown
        reached = self._count(target, min(night, target.until), state)
        if target.since > BEGINNING:
            reached -= self._count(target, target.since - dt.timedelta(days=1), state)
        left, days_left = max(target.target - reached, 0), (target.until - night).days
        pace = self.pace(night, state)
        return Goal(
            target=target,
            name=found[1].full_name if found else "Việt Nam",
            level=found[1].level if found else "nation",
            unit=self.rebasing(shown).whole(found[1], state) if found else NATION,
            count=reached,
            share=reached / target.target,
            pace=None if pace is None else _value(pace, target.place, target.measure),
            days_left=days_left,
            pace_needed=(left / days_left if days_left > 0 else None) if left else 0.0,
        )

    def _count(self, target: Target, day: dt.date, state: int) -> int:
        return int(_value(self.of(day, state)[0], target.place, target.measure))


def roll_up(counts: Counts, rebasing: Rebasing) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts by unit of a state: with all that lies in the unit, and what is counted of the unit alone.

    The second is, for a district, province or the nation, what no smaller unit is known to hold.
    """
    stated = counts.places
    holders = [rebasing.holder(code, day) for code, day in zip(stated["place"], stated["place_from"], strict=True)]
    own = stated[list(COUNTED)].groupby(pd.Index(holders, name="unit")).sum()
    above = own.index.to_series().map(rebasing.within).explode()
    total = own.loc[above.index].groupby(pd.Index(above, name="unit")).sum()
    return total, own


def _nothing() -> pd.DataFrame:
    return pd.DataFrame(columns=list(COUNTED), index=pd.Index([], name="unit"), dtype="int64")


def _value(table: pd.DataFrame, unit: str, measure: str) -> float:
    return float(table[measure].get(unit, 0.0))


def _described(total: pd.DataFrame, rebasing: Rebasing) -> pd.DataFrame:
    """The units with what they are, the nation first, then level by level in the order of their codes."""
    about = pd.DataFrame([_about(code, rebasing) for code in total.index], index=total.index)
    units = about.join(total).rename_axis("unit")
    units["level"] = pd.Categorical(units["level"], LEVELS, ordered=True)
    return units.sort_values(["level", "unit"])


def _about(code: str, rebasing: Rebasing) -> dict[str, str]:
    unit = rebasing.state.units.get(code)
    if unit is None:
        return {"level": "nation", "name": "Việt Nam", "parent": ""}
    return {"level": unit.level, "name": unit.full_name, "parent": unit.parent_code or NATION}


def _with_pace(units: pd.DataFrame, pace: pd.DataFrame | None) -> pd.DataFrame:
    """Adds the pace of each measure, and how long the cards at the offices last."""
    of_late = pd.DataFrame(index=units.index, columns=list(MEASURES), dtype="float64")
    if pace is not None:
        of_late = pace.reindex(units.index)[list(MEASURES)]
    stock = units["returned"] - units["delivered"]
    delivering = of_late["delivered"].where(of_late["delivered"] > 0)
    return units.join(of_late.add_prefix("pace_")).assign(at_offices=stock, days_of_stock=stock / delivering)


def _ranked(goals: Sequence[Goal]) -> list[Goal]:
    """The goals with their ranks, those of one level and measure together; equal shares have one rank."""
    shares = pd.DataFrame(
        {
            "level": [goal.level for goal in goals],
            "measure": [goal.target.measure for goal in goals],
            "share": [goal.share if goal.unit else None for goal in goals],
        }
    )
    groups = shares.astype({"share": "float64"}).groupby(["level", "measure"])["share"]
    ranks, sizes = groups.rank(method="min", ascending=False), groups.transform("count")
    return [
        replace(goal, rank=None if pd.isna(rank) else int(rank), ranked=int(size))
        for goal, rank, size in zip(goals, ranks, sizes, strict=True)
    ]
