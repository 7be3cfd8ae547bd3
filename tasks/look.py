"""Look at one person: as it is, or as it was after a past night, out of the store and the archive."""

import datetime as dt
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, text

from registry.allocation import ALLOCATED_SCHEMA, allocated_persons
from registry.archived import create_archived
from registry.corrections import create_corrections
from registry.database import load_sql, reading
from registry.fold import fold_forms
from registry.linkage.known import FORM_SCHEMA
from registry.past import PRESENT, moment_after
from registry.portraits import Found, compose, fetch_found
from tasks.platform import Platform


def look_at(place: Platform, person_id: str, *, night: dt.date | None = None) -> dict[str, Any]:
    """One person with all that is known of it.

    Args:
        place: the installation.
        person_id: its id, or an old one that leads to it.
        night: as it was after that night, known by the id that it had then; None: as it is.

    Returns:
        See `registry.portraits.compose`; and `as_of`, the night in ISO 8601, or None.

    Raises:
        UsageError: nobody has the id, or nobody had it yet.
    """
    # Not among the scratch folders: whoever looks has no lock, and housekeeping clears those.
    with tempfile.TemporaryDirectory(prefix="dancu-person-") as folder, duckdb.connect() as local:
        with reading(place.engine) as store:
            moment = moment_after(store, night) if night else PRESENT
            found = fetch_found(store, person_id, moment)
            stored = None if night else _stored(store, found.person_id)
        found = _read_archive(place, local, found, Path(folder))
        portrait = compose(found, stored or _fold(local, found), place.linkage_model)
    return {**portrait, "as_of": night.isoformat() if night else None}


def _stored(store: Connection, person_id: str) -> Mapping[str, Any]:
    return dict(store.execute(text(load_sql("person", "find")), {"id": person_id}).mappings().one())


def _read_archive(place: Platform, local: duckdb.DuckDBPyConnection, found: Found, folder: Path) -> Found:
    """What the person's forms say, which stays in DuckDB as `archived_form`, and which of them correct in vain."""
    where = [{**form, "person_id": found.person_id} for form in found.mine]
    local.register("sought_form", pa.Table.from_pylist(where, schema=FORM_SCHEMA))
    create_archived(
        local,
        forms="sought_form",
        path_of=lambda load_id: place.archived(load_id, "standard.parquet", folder),
        trust_of=place.sources.trust,
    )
    create_corrections(local, place.reference.gazetteer)
    corrections = dict(local.execute("SELECT form_id, in_conflict FROM judged_correction").fetchall())
    stated = local.execute("FROM archived_form").to_arrow_table().to_pylist()
    return replace(found, stated=stated, corrections=corrections)


def _fold(local: duckdb.DuckDBPyConnection, found: Found) -> dict[str, Any]:
    """The person as its forms, and the numbers that it was given, make it."""
    given = [
        {"number": one["number"], "person_id": found.person_id, "business_date": dt.date.fromisoformat(one["given_on"])}
        for one in found.allocated
    ]
    local.register("given", pa.Table.from_pylist(given, schema=ALLOCATED_SCHEMA))
    query = fold_forms(forms="archived_form", persons=f"({allocated_persons('given')})")
    [person] = local.execute(query).to_arrow_table().to_pylist()
    return {**person, "in_review": None}
