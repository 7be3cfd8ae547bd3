"""Targets: how much of what a place is to reach, in which period."""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass

from sqlalchemy import Connection, text

from registry.database import load_sql
from registry.errors import SenderError
from registry.places import BEGINNING, NATION, Gazetteer
from registry.progress.counts import MEASURES

#: Columns of a table of targets; `from` and `place_date` may be left out or empty.
COLUMNS: tuple[str, ...] = ("place", "measure", "target", "from", "until", "place_date")
_NEEDED = ("place", "measure", "target", "until")

_DAYS = ("%Y-%m-%d", "%d/%m/%Y")
_WHOLE_NUMBER = re.compile(r"[0-9]{1,3}([., ][0-9]{3})+|[0-9]{1,15}")
_MOST_FAULTS = 5


@dataclass(frozen=True)
class Target:
    """What a place is to reach.

    Attributes:
        place: `VN`, or the code of a province, district or commune.
        place_date: a day on which the code means it.
        measure: one of `registry.progress.counts.MEASURES`.
        since: the first day of the period; `BEGINNING`: all that there is counts.
        until: the day by which it is to be reached.
    """

    place: str
    place_date: dt.date
    measure: str
    since: dt.date
    until: dt.date
    target: int


def read_targets(content: bytes, *, sender: str, gazetteer: Gazetteer) -> list[Target]:
    """Reads a table of targets: CSV in UTF-8 with `,` or `;`, its first line the names of `COLUMNS`.

    Days are `2021-07-01` or `01/07/2021`, numbers `1500000` or `1.500.000`. Where `from` is empty, all that there is
    counts; where `place_date` is empty, the code is that of the day `from`, failing that of `until`.

    Args:
        content: of the file.
        sender: who sets the targets, `VN` or the code of a place: of itself and of what lies in it.
        gazetteer: of the places.

    Raises:
        SenderError: a line is not so. It names lines and columns, never a cell.
    """
    try:
        lines = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SenderError("the targets are not in UTF-8; the sender saves them as CSV UTF-8") from None
    delimiter = ";" if ";" in lines.partition("\n")[0] else ","
    rows = csv.DictReader(io.StringIO(lines), delimiter=delimiter)
    if lacking := [column for column in _NEEDED if column not in (rows.fieldnames or ())]:
        raise SenderError(f"the targets have no column {', '.join(lacking)}; the sender names them in the first line")
    found, faults = [], []
    for number, row in enumerate(rows, start=2):
        try:
            found.append(_target(row, sender, gazetteer))
        except ValueError as fault:
            faults.append(f"line {number}: {fault}")
    if faults:
        more = f", and {len(faults) - _MOST_FAULTS} more" if len(faults) > _MOST_FAULTS else ""
        raise SenderError(f"{'; '.join(faults[:_MOST_FAULTS])}{more}; the sender mends them")
    return found


def _target(row: Mapping[str, str | None], sender: str, gazetteer: Gazetteer) -> Target:
    """One line.

    Raises:
        ValueError: what is wrong with it.
    """
    cells = {column: (row.get(column) or "").strip() for column in COLUMNS}
    if cells["measure"] not in MEASURES:
        raise ValueError(f"measure is none of {', '.join(MEASURES)}")
    if not _WHOLE_NUMBER.fullmatch(cells["target"]) or not (target := int(re.sub("[., ]", "", cells["target"]))):
        raise ValueError("target is no whole number above 0")
    since, until = _day(cells, "from") or BEGINNING, _day(cells, "until")
    if until is None or until < since:
        raise ValueError("until is empty, or lies before from")
    place_date = _day(cells, "place_date") or (until if since == BEGINNING else since)
    if cells["place"] != NATION and not gazetteer.name(cells["place"], place_date):
        raise ValueError("place is neither VN nor the code of a place on its day")
    if sender not in (NATION, *_above(cells["place"], place_date, gazetteer)):
        raise ValueError("place does not lie in the place that sets the target")
    return Target(cells["place"], place_date, cells["measure"], since, until, target)


def _day(cells: Mapping[str, str], column: str) -> dt.date | None:
    if not cells[column]:
        return None
    for form in _DAYS:
        try:
            return dt.datetime.strptime(cells[column], form).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    raise ValueError(f"{column} is no day")


def _above(code: str, day: dt.date, gazetteer: Gazetteer) -> Iterable[str]:
    """The place and what it lies in."""
    found = gazetteer.standing(code, day)
    return (unit.code for unit in gazetteer.states[found[0]].above(found[1])) if found else ()


def write_targets(store: Connection, targets: Sequence[Target], *, set_by: str) -> None:
    """Takes targets into the store; of the same place, measure and period the later one holds."""
    fields = ("place", "place_date", "measure", "since", "until", "target")
    rows = [{**dict(zip(fields, astuple(target), strict=True)), "set_by": set_by} for target in targets]
    if rows:
        store.execute(text(load_sql("progress", "merge_targets")), rows)


def stored_targets(store: Connection) -> list[Target]:
    """The targets that came as files."""
    rows = store.execute(text("SELECT place, place_date, measure, since, until, target FROM target ORDER BY 1, 2, 3"))
    return [Target(*row) for row in rows]
