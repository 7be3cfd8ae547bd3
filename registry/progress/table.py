"""How far each place is, as plain rows: for the command line, for other programs, for the artifact of a night."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from registry.errors import UsageError
from registry.places import NATION
from registry.progress.counts import MEASURES, OF_TEMPORARY
from registry.progress.standing import LEVELS, Goal, Standing


def standing_as_json(standing: Standing | None, *, level: str | None, within: str = NATION) -> dict[str, Any]:
    """The object of `dancu progress --json`.

    Args:
        standing: of the places; None where nothing is counted yet.
        level: of `registry.progress.standing.LEVELS`; None: the place `within` itself and the ones next below it.
        within: code of a unit.

    Returns:
        `date` of the night, `places_since` (first day of the state whose units are shown), `units` (see `rows_of`),
        `not_told_apart` (measure → count of `within` that belongs to none of the units below it), `targets_elsewhere`
        (see `goal_row`): those whose places are no units of that state.

    Raises:
        UsageError: nothing is counted in a unit with that code.
    """
    if standing is None:
        return {"date": None, "places_since": None, "units": [], "not_told_apart": {}, "targets_elsewhere": []}
    rows = rows_of(standing, levels=[level] if level else LEVELS, within=within)
    apart = standing.apart_of(within)
    return {
        "date": standing.date.isoformat(),
        "places_since": standing.first_day.isoformat(),
        "units": rows if level else [row for row in rows if within in (row["code"], row["within"])],
        "not_told_apart": {measure: apart[measure] for measure in MEASURES if apart},
        "targets_elsewhere": [goal_row(goal) for goal in standing.goals if goal.unit is None],
    }


def rows_of(standing: Standing, *, levels: Sequence[str], within: str = NATION) -> list[dict[str, Any]]:
    """The units of some levels, in the order of level and code.

    Args:
        standing: of the places.
        levels: of `registry.progress.standing.LEVELS`.
        within: code of a unit: itself and what lies in it.

    Returns:
        Dicts of `code`, `name`, `level`, `within` (code of what it lies in), `counts` (measure → count), `temporary`
        (measure → the part of temporary residents), `pace` (measure → a day, or None), `at_offices`, `days_of_stock`,
        `targets` (measure → see `goal_row`).

    Raises:
        UsageError: nothing is counted in a unit with that code.
    """
    units = standing.units
    if within not in units.index:
        raise UsageError(f"nothing is counted of {within} in the units of that day: `dancu progress --json` lists them")
    inside = units.loc[[code for code in units.index if within in standing.above(code)]]
    chosen = inside[inside["level"].isin(levels)]
    return [_row(str(code), unit, standing) for code, unit in zip(chosen.index, chosen.to_dict("records"), strict=True)]


def _row(code: str, unit: Mapping[Any, Any], standing: Standing) -> dict[str, Any]:
    goals = {measure: standing.goal(code, measure) for measure in MEASURES}
    return {
        "code": code,
        "name": unit["name"],
        "level": unit["level"],
        "within": unit["parent"],
        "counts": {measure: int(unit[measure]) for measure in MEASURES},
        "temporary": {measure: int(unit[column]) for measure, column in OF_TEMPORARY.items()},
        "pace": {measure: _rounded(unit[f"pace_{measure}"]) for measure in MEASURES},
        "at_offices": int(unit["at_offices"]),
        "days_of_stock": _rounded(unit["days_of_stock"]),
        "targets": {measure: goal_row(goal) for measure, goal in goals.items() if goal},
    }


def goal_row(goal: Goal) -> dict[str, Any]:
    """A target and how far its place is; `share` to four places, pace a day to one."""
    return {
        "place": goal.target.place,
        "name": goal.name,
        "level": goal.level,
        "measure": goal.target.measure,
        "target": goal.target.target,
        "from": goal.target.since.isoformat(),
        "until": goal.target.until.isoformat(),
        "count": goal.count,
        "share": round(goal.share, 4),
        "pace": _rounded(goal.pace),
        "pace_needed": _rounded(goal.pace_needed),
        "days_left": goal.days_left,
        "rank": goal.rank,
        "ranked": goal.ranked,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None or pd.isna(value) else round(float(value), 1)
