"""Outreach: who must have a card and has asked for none; counted for everybody, listed for a mobile team alone."""

import codecs
import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
from sqlalchemy import Connection

from registry.bulk import copy_in, copy_out
from registry.database import load_sql
from registry.errors import UsageError
from registry.extracts import whole_file
from registry.places import NATION, Gazetteer, Rebasing

if TYPE_CHECKING:
    import psycopg

#: Law on Identification 26/2023/QH15 art. 19: from this age on a citizen must have a card.
CARD_AGE = 14

#: Fewer persons than these are not told apart: a company of a commune whose few are known would be a list of them.
FEWEST = 5

_COUNTS = pa.schema(
    [("place", pa.large_string()), ("place_from", pa.date32()), ("company", pa.large_string()), ("persons", pa.int64())]
)
_SOUGHT = pa.schema([("place", pa.large_string()), ("place_from", pa.date32())])


@dataclass(frozen=True)
class Outreach:
    """How many wait for a mobile team.

    Attributes:
        persons: all within the place that was asked for.
        groups: `code`, `name`, `within` (names above), `company` (empty: none is known) and `persons` (None: fewer than
            `FEWEST`) of each commune and company, those with most persons first.
        listed: how many lines a list was written with, if any.
    """

    persons: int
    groups: list[dict[str, Any]]
    listed: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The object of `dancu outreach --json`."""
        return {"persons": self.persons, "fewer_than": FEWEST, "groups": self.groups, "listed": self.listed}


def find_waiting(
    store: Connection, gazetteer: Gazetteer, *, date: dt.date, within: str = NATION, out: Path | None = None
) -> Outreach:
    """Counts who is of an age to have a card, has all that it needs and no dossier; lists them where a file is named.

    Args:
        store: in a transaction.
        gazetteer: of the places.
        date: on which somebody is of age, and in whose units it is counted.
        within: code of a unit of that day.
        out: takes one CSV line a person; for its owner alone, since it names them.

    Raises:
        UsageError: there is no such unit on that day, or `out` cannot be written.
    """
    rebasing = Rebasing(gazetteer, gazetteer.state_on(date))
    if within != NATION and within not in rebasing.state.units:
        raise UsageError(f"{within} is the code of no place on {date}")
    _create_waiting(store, date)
    counts = copy_out(store, load_sql("outreach", "counts"), _COUNTS).to_pandas()
    holders = [rebasing.holder(place, day) for place, day in zip(counts["place"], counts["place_from"], strict=True)]
    inside = lru_cache(maxsize=None)(lambda code: within in rebasing.within(code))
    counts = counts.assign(unit=holders).loc[np.array([inside(code) for code in holders], dtype=bool)]
    listed = _write_list(store, counts, out) if out else None
    return Outreach(int(counts["persons"].sum()), _groups(counts, rebasing), listed)


def _create_waiting(store: Connection, date: dt.date) -> None:
    store.exec_driver_sql("SET LOCAL work_mem = '256MB'")
    store.exec_driver_sql(
        load_sql("outreach", "create_waiting"), {"born_by": _years_before(date, CARD_AGE).isoformat()}
    )
    store.exec_driver_sql("ANALYZE waiting")


def _years_before(day: dt.date, years: int) -> dt.date:
    """The same day some years before; for 29 February the 28th, so that nobody comes of age a day too early."""
    last = 28 if (day.month, day.day) == (2, 29) else day.day
    return day.replace(year=day.year - years, day=last)


def _groups(counts: pd.DataFrame, rebasing: Rebasing) -> list[dict[str, Any]]:
    """Communes and companies; a company with few persons in a commune counts as none that is known."""
    grouped = counts.groupby(["unit", "company"], as_index=False)["persons"].sum()
    grouped.loc[grouped["persons"] < FEWEST, "company"] = ""
    grouped = grouped.groupby(["unit", "company"], as_index=False)["persons"].sum()
    ordered = grouped.sort_values(["persons", "unit", "company"], ascending=[False, True, True])
    return [_group(row, rebasing) for row in ordered.to_dict("records")]


def _group(row: dict[Any, Any], rebasing: Rebasing) -> dict[str, Any]:
    units = [rebasing.state.units[code] for code in rebasing.within(row["unit"]) if code != NATION]
    names = [unit.full_name for unit in units] or ["Việt Nam"]
    return {
        "code": row["unit"],
        "name": names[0],
        "within": ", ".join(names[1:]),
        "company": row["company"],
        "persons": int(row["persons"]) if row["persons"] >= FEWEST else None,
    }


def _write_list(store: Connection, counts: pd.DataFrame, out: Path) -> int:
    """One CSV line a person of the places that are counted; how many."""
    store.exec_driver_sql(load_sql("outreach", "create_sought"))
    places = counts[["place", "place_from"]].drop_duplicates()
    copy_in(store, "sought", _SOUGHT.names, pa.Table.from_pandas(places, _SOUGHT, preserve_index=False))
    statement = f"COPY ({load_sql('outreach', 'list')}) TO STDOUT (FORMAT csv, HEADER)"
    driver = cast("psycopg.Connection", store.connection.driver_connection)
    with whole_file(out) as file, driver.cursor() as cursor:
        file.write(codecs.BOM_UTF8)  # or Excel takes the names for another encoding
        with cursor.copy(statement.encode()) as lines:
            for block in lines:
                file.write(block)
        return cursor.rowcount
