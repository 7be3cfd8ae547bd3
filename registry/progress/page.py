"""The pages of how far each place is: static HTML that needs nothing else, and names no person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from registry.night_page import render
from registry.places import NATION
from registry.progress.counts import MEASURES, OF_TEMPORARY
from registry.progress.standing import LEVELS, Goal, Standing
from registry.progress.tiles import HEIGHT, WIDTH, Tile

#: Lines of the table of targets whose places are no more; `dancu progress --as-of-places` has them all.
MOST_ELSEWHERE = 100

_MEANINGS = {
    "forms": "forms DC01 accepted",
    "persons": "living persons in the register, by permanent residence",
    "temporary_residents": "persons with a temporary residence here, counted at home too",
    "dossiers": "dossiers taken, less those returned, cancelled or purged",
    "produced": "cards made",
    "returned": "cards back at the receiving offices",
    "delivered": "cards in the hands of citizens",
}

#: The way to a card, and the measure by which the places of a page are compared first where targets are set.
_WAY = ("persons", "dossiers", "produced", "returned", "delivered")
_COMPARED = ("dossiers", "forms", "delivered", "returned", "produced", "persons", "temporary_residents")


@dataclass(frozen=True)
class _Bar:
    """A line of the chart of places."""

    code: str
    name: str
    address: str
    count: int
    goal: Goal | None


def write_pages(standing: Standing, folder: Path, *, tiles: Mapping[str, Tile]) -> int:
    """Writes `index.html` for the nation and `<code>.html` for every unit with units below it; how many pages.

    Args:
        standing: of the places.
        folder: takes the pages.
        tiles: the map of the provinces, by code.
    """
    parents = {NATION, *standing.units["parent"]} - {""}
    below = dict(list(standing.units.groupby("parent")))
    nothing = standing.units.iloc[:0]
    for code in parents:
        page = _page(standing, code, below.get(code, nothing), parents, tiles=tiles if code == NATION else {})
        (folder / address_of(code)).write_text(page, encoding="utf-8")
    return len(parents)


def address_of(code: str) -> str:
    """Address of a unit's page from its neighbours."""
    return "index.html" if code == NATION else f"{code}.html"


def _page(standing: Standing, code: str, below: pd.DataFrame, parents: set[str], *, tiles: Mapping[str, Tile]) -> str:
    units = standing.units
    unit = units.loc[code].to_dict()
    goals = {measure: goal for measure in MEASURES if (goal := standing.goal(code, measure))}
    compared, bars = _bars(standing, below, parents)
    return render(
        "progress.html.j2",
        night=standing.date,
        first_day=standing.first_day,
        code=code,
        unit=unit,
        above=[(units["name"][above], address_of(above)) for above in standing.above(code)[:0:-1]],
        goals=goals,
        way=[(measure, int(unit[measure]), _MEANINGS[measure]) for measure in _WAY],
        widest=max(int(unit[measure]) for measure in _WAY),
        meanings=_MEANINGS,
        measures=MEASURES,
        temporary=OF_TEMPORARY,
        level=_level_below(below),
        compared=compared,
        bars=bars,
        tiles=[(tiles[bar.code], bar) for bar in bars if bar.code in tiles],
        tile=(WIDTH, HEIGHT),
        short=lambda name: name.removeprefix("Tỉnh ").removeprefix("Thành phố "),
        map_size=(
            WIDTH * (1 + max((t.column for t in tiles.values()), default=0)),
            HEIGHT * (1 + max((t.row for t in tiles.values()), default=0)),
        ),
        longest=max([1.0, *(bar.goal.share for bar in bars if bar.goal)]),
        most=max((bar.count for bar in bars), default=0),
        lines=[_line(standing, each, row, parents) for each, row in _records(below)],
        asked=[measure for measure in MEASURES if any(standing.goal(each, measure) for each in below.index)],
        apart=standing.apart_of(code),
        elsewhere=[goal for goal in standing.goals if goal.unit is None] if code == NATION else [],
        most_elsewhere=MOST_ELSEWHERE,
    )


def _records(units: pd.DataFrame) -> list[tuple[str, dict[Any, Any]]]:
    return list(zip(map(str, units.index), units.to_dict("records"), strict=True))


def _level_below(below: pd.DataFrame) -> str:
    """What the units below are called, several of them."""
    levels = [level for level in LEVELS if (below["level"] == level).any()]
    return f"{levels[0]}s" if levels else "places"


def _bars(standing: Standing, below: pd.DataFrame, parents: set[str]) -> tuple[str, Sequence[_Bar]]:
    """By what the units are compared, and the units: by share of their targets, those without one by their count."""
    asked = [measure for measure in _COMPARED if any(standing.goal(code, measure) for code in below.index)]
    counted = [measure for measure in ("dossiers", "forms", "persons") if below[measure].any()]
    measure = (*asked, *counted, "forms")[0]
    bars = [
        _Bar(
            code=code,
            name=row["name"],
            address=address_of(code) if code in parents else f"#c{code}",
            count=(goal.count if (goal := standing.goal(code, measure)) else int(row[measure])),
            goal=goal,
        )
        for code, row in _records(below)
    ]
    return measure, sorted(bars, key=lambda bar: (bar.goal is None, -bar.goal.share if bar.goal else 0, -bar.count))


def _line(standing: Standing, code: str, row: dict[Any, Any], parents: set[str]) -> dict[str, Any]:
    """A line of the table of places."""
    return {
        **row,
        "code": code,
        "address": address_of(code) if code in parents else None,
        "goals": {measure: standing.goal(code, measure) for measure in MEASURES},
    }
