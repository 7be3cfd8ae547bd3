"""A file's profile: how full its columns are, in counts. Counts of several files add up to a sender's history."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

#: Columns whose empty cells are counted, file by file.
PROFILED: tuple[str, ...] = (
    "declared_on",
    "ethnicity",
    "nationality",
    "birth_registration_place",
    "origin_place",
    "permanent_place",
    "pid",
    "father_name",
    "mother_name",
    "household_no",
)

#: A share of fewer rows says nothing of how a sender works.
FEWEST_ROWS = 50

#: What the load suite reads, one row a file; null where nothing can be said (few rows, no earlier files).
FILE_METRICS: tuple[str, ...] = (
    "failing",
    "failing_share",
    "unreadable_share",
    "warned_share",
    "male_share",
    "incomplete_birth_date_share",
    "rows_ratio_to_earlier",
    "failing_drift",
    *(f"missing_{column}_share" for column in PROFILED),
    *(f"missing_{column}_drift" for column in PROFILED),
)

#: Of these, what is said of a file of any kind: how full its columns are says nothing of movements, which have few.
OF_ANY_KIND: tuple[str, ...] = ("failing", "failing_share", "unreadable_share", "warned_share", "failing_drift")

_COUNTS = ("files", "rows", "unreadable", "quarantined", "warned", "male", "incomplete_birth_date")

Profile = Mapping[str, Any]


def profile_files(standard: Path) -> dict[int, dict[str, Any]]:
    """What can be counted of each file from its standard forms, by `file_no`.

    Returns:
        For each file: `readable` (rows), `male`, `incomplete_birth_date` (year or month only), `returned`
        (corrected rows), and `missing`, the empty cells of each column of PROFILED.
    """
    missing = ", ".join(f"'{column}': count(*) - count({column}_raw)" for column in PROFILED)
    query = f"""
        SELECT file_no, count(*), count(*) FILTER (sex = 'M'), count(*) FILTER (length(birth_date) < 10),
               count(returned_row), {{{missing}}}
        FROM standard GROUP BY file_no
    """
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.read_parquet(str(standard)).create_view("standard")
        found = connection.execute(query).fetchall()
    return {
        file_no: {
            "readable": readable,
            "male": male,
            "incomplete_birth_date": incomplete,
            "returned": returned,
            "missing": empty,
        }
        for file_no, readable, male, incomplete, returned, empty in found
    }


def join_profiles(profiles: Iterable[Profile]) -> dict[str, Any] | None:
    """The sum of profiles, as one history; None of none."""
    kept = list(profiles)
    if not kept:
        return None
    joined: dict[str, Any] = {name: sum(profile[name] for profile in kept) for name in _COUNTS}
    joined["missing"] = {column: sum(profile["missing"].get(column, 0) for profile in kept) for column in PROFILED}
    return joined


def file_metrics(profile: Profile, earlier: Profile | None) -> dict[str, float | None]:
    """FILE_METRICS of one file, beside the joined profile of its sender's earlier files.

    A returned workbook holds nothing but rows that failed before: nothing follows from its shares.
    """
    if profile["returned"]:
        return dict.fromkeys(FILE_METRICS)
    rows, failing = profile["rows"], profile["unreadable"] + profile["quarantined"]
    readable = rows - profile["unreadable"]
    mine, theirs = _shares(profile), _shares(earlier) if earlier else {}
    found: dict[str, float | None] = {
        "failing": failing,
        "failing_share": failing / rows if rows else None,
        "unreadable_share": _share(profile["unreadable"], rows),
        "warned_share": _share(profile["warned"], readable),
        "male_share": _share(profile["male"], readable),
        "incomplete_birth_date_share": _share(profile["incomplete_birth_date"], readable),
        "rows_ratio_to_earlier": _ratio(profile, earlier),
        "failing_drift": _rise(mine, theirs, "failing"),
    }
    found.update({f"missing_{column}_share": mine[column] for column in PROFILED})
    found.update({f"missing_{column}_drift": _rise(mine, theirs, column) for column in PROFILED})
    return found


def _shares(profile: Profile) -> dict[str, float | None]:
    readable = profile["rows"] - profile["unreadable"]
    shares = {column: _share(profile["missing"].get(column, 0), readable) for column in PROFILED}
    return {**shares, "failing": _share(profile["unreadable"] + profile["quarantined"], profile["rows"])}


def _share(count: int, rows: int) -> float | None:
    return count / rows if rows >= FEWEST_ROWS else None


def _rise(mine: Mapping[str, float | None], theirs: Mapping[str, float | None], name: str) -> float | None:
    now, before = mine.get(name), theirs.get(name)
    return None if now is None or before is None else now - before


def _ratio(profile: Profile, earlier: Profile | None) -> float | None:
    if not earlier or earlier["rows"] / earlier["files"] < FEWEST_ROWS:
        return None
    return float(profile["rows"] * earlier["files"] / earlier["rows"])
