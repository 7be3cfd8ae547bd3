"""Measures of dossiers: what a rule wants to know of one that does not stand in its own cells."""

import duckdb
import pyarrow as pa

from registry.cards.dossiers import TAKEN
from registry.cards.lookup import FOUND_SCHEMA
from registry.database import load_sql
from registry.places import Gazetteer

#: Places of a dossier that are held against the store's.
_COMPARED = ("birth_registration_place", "origin_place", "permanent_place", "temporary_place")

#: What is measured of each dossier, beside its own columns.
DOSSIER_MEASURES: dict[str, str] = {
    "persons_found": "persons whom the dossier may be about",
    "person_id": "the person, where it is one",
    **{name: f"`{name.removeprefix('store_')}` of that person as the store has it"
       for name in FOUND_SCHEMA.names if name.startswith("store_")},
    **{f"{place}_same": f"whether `{place}` is the store's, in the units of today" for place in _COMPARED},
    "own_state": "state of this dossier's card, where the dossier was taken before with other content",
    "other_live": "other dossiers of the person whose card is not delivered, cancelled, purged or returned",
    "other_delivered": "other dossiers of the person whose card was delivered",
    "captured_again": "the load has another dossier of the person, captured earlier",
    "dossier_no_repeated": "the station used this number in this load for dossiers of different content",
    "captured_day": "the day of the capture, ISO 8601",
    "age": "whole years on that day, of a birth date that is known to the day",
    **{f"{taken}_there": f"whether there is an object under the key `{taken}`; null where none can be"
       for taken in TAKEN},
    **{f"{taken}_same": f"whether that object has the SHA-256 `{taken}_sha256`" for taken in TAKEN},
    "photo_fault": "why the photo cannot be printed, of `registry.cards.images.REASONS`; empty: it can",
}  # fmt: skip


def measure_dossiers(local: duckdb.DuckDBPyConnection, *, standard: str, gazetteer: Gazetteer) -> None:
    """Creates the view `dossiers`: standard dossiers that are to be judged, with the columns of DOSSIER_MEASURES.

    Args:
        local: with the tables of `registry.cards.lookup.look_up` and `registry.cards.biometrics.look_at`.
        standard: a relation of `registry.cards.dossiers.DOSSIER_SCHEMA`.
        gazetteer: says which units of different days are the same place.
    """
    _create_places(local, gazetteer)
    local.execute(load_sql("dossier", "create_asked").format(standard=standard))
    local.execute(load_sql("dossier", "create_beside"))
    statement = load_sql("validate", "dossiers").format(
        standard=standard,
        same_places=",\n    ".join(_same_place(place) for place in _COMPARED),
        taken=",\n    ".join(_of_object(taken) for taken in TAKEN),
        joins="\n".join([*map(_join_places, _COMPARED), *map(_join_object, TAKEN)]),
    )
    local.execute(statement)


def _create_places(local: duckdb.DuckDBPyConnection, gazetteer: Gazetteer) -> None:
    """Creates `place_now`: code and first day of each commune, and the communes of today in which it lies."""
    rows: dict[tuple[str, object], list[str] | None] = {}
    for unit, ended in gazetteer.facts():
        if unit.level == "commune":
            lies_in = gazetteer.successors(unit.code, unit.valid_from) if ended else []
            rows[unit.code, unit.valid_from] = [found.unit.code for found in lies_in] if ended else [unit.code]
    table = pa.table(
        {
            "code": [code for code, _ in rows],
            "valid_from": pa.array([day for _, day in rows], pa.date32()),
            # Of some units nobody knows what became of them: nothing follows from theirs.
            "today": pa.array([codes or None for codes in rows.values()], pa.list_(pa.string())),
        }
    )
    local.register("given", table)
    local.execute("CREATE TABLE place_now AS FROM given")
    local.unregister("given")


def _join_places(place: str) -> str:
    sides = (("sent", "s."), ("store", "f.store_"))
    return "\n".join(
        f"LEFT JOIN place_now AS {place}_{side} ON {place}_{side}.code = {prefix}{place}"
        f" AND {place}_{side}.valid_from = {prefix}{place}_from"
        for side, prefix in sides
    )


def _same_place(place: str) -> str:
    return (
        f"(s.{place} = f.store_{place} AND s.{place}_from = f.store_{place}_from)"
        f" OR list_has_any({place}_sent.today, {place}_store.today) AS {place}_same"
    )


def _join_object(taken: str) -> str:
    return f"LEFT JOIN object AS {taken}_object ON {taken}_object.key = s.{taken}"


def _of_object(taken: str) -> str:
    found = f"{taken}_object"
    measured = [
        f"CASE WHEN {found}.key IS NOT NULL THEN {found}.size IS NOT NULL END AS {taken}_there",
        f"{found}.sha256 = s.{taken}_sha256 AS {taken}_same",
    ]
    if taken == "photo":
        measured.append(f"{found}.fault AS photo_fault")
    return ", ".join(measured)
