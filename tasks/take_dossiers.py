"""Take dossiers: once the night's forms are merged, dossiers are held against the store, and those that pass are taken.

A dossier is judged by what the store knows of its person and by what lies in the object store, so it waits until both
are there. A load is looked up, judged and taken in one transaction, or not at all.
"""

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlalchemy import Connection

from registry.accepted import accept_forms
from registry.bulk import copy_in
from registry.cards import biometrics
from registry.cards.book import write_events
from registry.cards.lookup import look_up
from registry.cards.measures import measure_dossiers
from registry.database import load_sql
from registry.fold import connect
from registry.kinds import DOSSIERS
from registry.loads import Load
from tasks.merge import (
    count_outcomes,
    note_stages,
    read_decisions,
    work_last,
    write_corrections,
    write_ledger,
    write_outcomes,
)
from tasks.platform import Platform, platform
from tasks.validate import judge_dossiers, judge_load
from tasks.verb import note_seconds, verb

#: What a load of dossiers leaves in the archive.
ARCHIVED = ("standard.parquet", "findings.parquet", "unreadable.parquet")


def split_dossiers(load_ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """A night's loads in their order: those that are merged, and those of dossiers."""
    of_dossiers = [load_id for load_id in load_ids if Load.open(platform().folder(load_id)).kind is DOSSIERS]
    return [load_id for load_id in load_ids if load_id not in of_dossiers], of_dossiers


@verb
def take_dossiers(load_id: str) -> dict[str, int]:
    """Judges and takes a standardised load of dossiers; returns its rows by outcome."""
    return work_last(load_id, take_load)


def take_load(place: Platform, folder: Path) -> dict[str, int]:
    """Judges a load of dossiers, and enters rows, dossiers and the first event of each card.

    Args:
        place: the installation; a load's folder in its archive is complete before its store knows of it.
        folder: the load's scratch folder after `tasks.standardise`.

    Returns:
        Rows by outcome.
    """
    load, standard = Load.open(folder), folder / "standard.parquet"
    with connect(spill=str(folder)) as local:
        local.execute(f"CREATE VIEW standard_dossier AS FROM read_parquet('{standard}')")
        with _stage(folder, "biometrics"):
            biometrics.look_at(place.objects, local, standard="standard_dossier")
        with place.engine.begin() as store:
            with _stage(folder, "look_up"):
                look_up(store, local, standard="standard_dossier")
            with _stage(folder, "validate"):
                measure_dossiers(local, standard="standard_dossier", gazetteer=place.reference.gazetteer)
                held = judge_load(place, folder, load, lambda _: judge_dossiers(local))
                _decide(local, folder, held)
            for name in ARCHIVED:
                place.objects.put(f"archive/forms/{load.load_id}/{name}", folder / name)
            with _stage(folder, "merge"):
                load_no = write_ledger(store, folder, load)
                read_decisions(local, folder, load)
                write_outcomes(store, local)
                _write_dossiers(store, _taken(local, load_no), date=load.business_date)
                write_corrections(store, local)
            note_stages(store, folder, load_no)
            return count_outcomes(local)


@contextmanager
def _stage(folder: Path, name: str) -> Iterator[None]:
    """Notes how long a stage of the load takes."""
    start = time.monotonic()
    yield
    note_seconds(folder, name, start)


def _decide(local: duckdb.DuckDBPyConnection, folder: Path, held: list[int]) -> None:
    """Leaves what becomes of each row: `row.parquet`, and `decision.parquet` of the dossiers that are taken."""
    accept_forms(local, standard=folder / "standard.parquet", findings=folder / "findings.parquet", held=held)
    local.execute(f"COPY row TO '{folder / 'row.parquet'}' (COMPRESSION lz4)")
    local.execute(f"COPY ({load_sql('dossier', 'decision')}) TO '{folder / 'decision.parquet'}' (COMPRESSION lz4)")
    local.execute("DROP TABLE row")


def _taken(local: duckdb.DuckDBPyConnection, load_no: int) -> pa.Table:
    """The dossiers that are taken, the columns of the table `dossier`."""
    return local.execute(load_sql("dossier", "taken"), {"load_no": load_no}).to_arrow_table()


def _write_dossiers(store: Connection, taken: pa.Table, *, date: dt.date) -> None:
    """Enters dossiers; one that was taken before and is sent again, corrected, takes the place of what it was."""
    store.exec_driver_sql(load_sql("dossier", "create_taken_dossier"))
    copy_in(store, "taken_dossier", taken.column_names, taken)
    store.exec_driver_sql(load_sql("dossier", "merge_dossiers"))
    write_events(store, load_sql("dossier", "said"), date=date)
