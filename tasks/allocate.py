"""Allocate: persons with complete data and no personal number are given one, each once.

Off unless `DANCU_ALLOCATION_KEY` is set. All of it is one transaction: the numbers, the counters of their ranges and
how far it has come are there together or not at all. So a run that is killed has given nothing, the next one gives
those numbers, and no number is given twice. Two at once work one after the other.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection, text

from registry.allocation import (
    NEW_PROVINCES,
    RANGE,
    as_text,
    birth_province,
    draw,
    key_check,
    read_key,
    stamp_base,
)
from registry.bulk import copy_in
from registry.database import load_sql
from registry.errors import PlatformError
from registry.places import Gazetteer
from tasks.platform import Platform, platform
from tasks.verb import verb

_PLACES = pa.schema([("place", pa.large_string()), ("place_from", pa.date32()), ("digits", pa.large_string())])

#: Prefixes that an error names; the others are counted.
_NAMED = 10


@dataclass
class Range:
    """A range under way: how many numbers it must still give, and how many places of its order are used up."""

    prefix: str
    wanted: int
    next: int


@verb
def allocate(date: dt.date) -> dict[str, int]:
    """Gives numbers to persons that have none; returns how many were given, and how many were left out."""
    return allocate_numbers(platform(), date=date)


def allocate_numbers(place: Platform, *, date: dt.date) -> dict[str, int]:
    """Gives personal numbers to whom loads since the last allocation have touched.

    A person gets one who is in no review, a citizen, alive, and has a name, a full birth date before July 2025, a sex
    and a place of birth registration in a province of before July 2025, and whose forms agree on name and birth date.

    Args:
        place: the installation; its setting `allocation_key` switches allocation on.
        date: the business date. The caller holds the lock of the night.

    Returns:
        `given`: numbers given; `left_out`: persons whose data are complete, and whose place of birth registration or
        birth date is of a time whose prefixes are not known, or whose forms disagree.

    Raises:
        PlatformError: the key is too short, or is not the one that numbers were given with before: nothing is given.
            Or a range is used up: all other numbers were given.
    """
    secret = place.settings.allocation_key
    if not secret:
        return {"given": 0, "left_out": 0}
    key = read_key(secret.get_secret_value())
    with place.engine.begin() as store:
        begun = _begin(store, key)
        complete = _find_candidates(store, place.reference.gazetteer, since_load=begun["since_load"])
        ranges = _draw_numbers(store, key)
        given = _give(store, date, up_to_load=begun["up_to_load"])
        if ranges:
            store.execute(
                text(load_sql("allocate", "move_on")),
                [{"prefix": span.prefix, "next": span.next} for span in ranges],
            )
        store.execute(text(load_sql("allocate", "end")), {"up_to_load": begun["up_to_load"]})
    _tell_exhausted([span.prefix for span in ranges if span.wanted], given)
    return {"given": given, "left_out": complete - given}


def _begin(store: Connection, key: bytes) -> dict[str, Any]:
    """Waits until no other allocator works, and makes sure that it is the same key as ever."""
    store.execute(text(load_sql("allocate", "begin")), {"key_check": key_check(key)})
    begun = dict(store.execute(text(load_sql("allocate", "lock"))).mappings().one())
    if begun["key_check"] != key_check(key):
        raise PlatformError(
            "DANCU_ALLOCATION_KEY is not the key with which numbers were given before: no number is given, since"
            " another order would give numbers twice. The operator sets the former key"
        )
    return begun


def _find_candidates(store: Connection, gazetteer: Gazetteer, *, since_load: int) -> int:
    """Fills `candidate` with those who get a number; returns how many persons without one have complete data."""
    complete = store.exec_driver_sql(load_sql("allocate", "create_eligible"), {"since_load": since_load}).rowcount
    # A place is asked about once, however many were born there.
    found = [
        {"place": code, "place_from": valid_from, "digits": digits}
        for code, valid_from in store.execute(text(load_sql("allocate", "places"))).all()
        if (digits := birth_province(gazetteer, code, valid_from))
    ]
    store.exec_driver_sql(load_sql("allocate", "create_birth_province"))
    copy_in(store, "birth_province", _PLACES.names, pa.Table.from_pylist(found, schema=_PLACES))
    store.exec_driver_sql("ANALYZE eligible, birth_province")
    store.exec_driver_sql(load_sql("allocate", "create_candidate"), {"new_provinces": NEW_PROVINCES.isoformat()})
    return complete


def _draw_numbers(store: Connection, key: bytes) -> list[Range]:
    """Fills `drawn` with as many free numbers of each range as it has candidates, or with all that are left.

    Returns:
        The ranges; `wanted` is what a range could not give.
    """
    ranges = [Range(*row) for row in store.execute(text(load_sql("allocate", "ranges"))).all()]
    wanted = {span.prefix: span.wanted for span in ranges}
    store.exec_driver_sql(load_sql("allocate", "create_drawn"))
    while short := [span for span in ranges if span.wanted and span.next < RANGE]:
        drawn = _draw(key, short)
        copy_in(store, "drawn", drawn.column_names, drawn)
        store.exec_driver_sql("ANALYZE drawn")
        store.exec_driver_sql(load_sql("allocate", "skip_stated"))
        free: dict[str, int] = dict(store.execute(text(load_sql("allocate", "drawn"))).tuples().all())
        for span in short:
            span.wanted = wanted[span.prefix] - free.get(span.prefix, 0)
    return ranges


def _draw(key: bytes, ranges: list[Range]) -> pa.Table:
    """The next numbers of some ranges; moves the ranges on."""
    prefixes, positions, numbers = [], [], []
    for span in ranges:
        count = min(span.wanted, RANGE - span.next)
        prefixes.append(np.full(count, span.prefix))
        positions.append(np.arange(span.next, span.next + count))
        numbers.append(draw(key, span.prefix, first=span.next, count=count))
        span.next += count
    return pa.table(
        {
            "prefix": pa.array(np.concatenate(prefixes)),
            "position": pa.array(np.concatenate(positions), pa.int32()),
            "number": as_text(np.concatenate(numbers)),
        }
    )


def _give(store: Connection, date: dt.date, *, up_to_load: int) -> int:
    """Records who gets which number, and lets it take the place of the missing one; returns how many."""
    parameters = {"date": date, "up_to_load": up_to_load, "stamp_base": stamp_base(date)}
    return store.exec_driver_sql(load_sql("allocate", "give"), parameters).rowcount


def _tell_exhausted(prefixes: list[str], given: int) -> None:
    if not prefixes:
        return
    more = f" and {len(prefixes) - _NAMED} more" if len(prefixes) > _NAMED else ""
    raise PlatformError(
        f"no number is left that begins with {', '.join(prefixes[:_NAMED])}{more}; {given} numbers of other ranges"
        " were given. The operator asks the ministry which prefix comes next for these births"
    )
