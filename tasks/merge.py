"""Merge: a resolved load enters the store in one transaction, or not at all."""

import datetime as dt
import json
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

import duckdb
import pyarrow as pa
from sqlalchemy import Connection, text

from registry.bulk import copy_in
from registry.cards.holds import Reason, hold_persons
from registry.database import load_sql
from registry.errors import PlatformError
from registry.fold import connect, fold_forms, keep
from registry.kinds import DOSSIERS, REGISTERS
from registry.loads import OUTCOMES, Load
from registry.persons import DISPUTABLE, GROUPS, PERSON_COLUMNS, conflict_bit
from registry.progress.counts import add_forms
from tasks.persons import note_model, retire_persons, settle_corrections, settle_reviews, write_parted
from tasks.platform import EVIDENCE, LINKAGE, Platform, platform
from tasks.verb import note_seconds, verb

#: What a load leaves in the archive: all its rows, what was found in them, what could not be read, and what of its
#: forms can be compared.
ARCHIVED = ("standard.parquet", "findings.parquet", "unreadable.parquet", EVIDENCE)

#: Rows that go from DuckDB to PostgreSQL at once.
_BATCH_ROWS = 50_000


#: Persons that a load may put into review: people must decide who they are, or sources disagree over them.
_DOUBTFUL = "FROM open_person UNION SELECT person_id FROM fresh_person WHERE conflicts <> 0"

#: Corrections among a load's accepted forms.
_CORRECTIONS = "FROM standard SEMI JOIN decision USING (file_no, row_no) WHERE movement = 'correction'"

#: Whose cards are put on hold, and why.
_HELD: dict[Reason, str] = {
    "identity": "SELECT DISTINCT unnest([before, person_id]) FROM placed SEMI JOIN parted USING (person_id)"
    " WHERE before <> person_id",
    "death": "SELECT person_id FROM fresh_person WHERE death_date IS NOT NULL"
    " UNION SELECT person_id FROM grown_person WHERE death_date IS NOT NULL",
}


@verb
def merge(load_id: str) -> dict[str, int]:
    """Merges a resolved load into the store; returns its rows by outcome."""
    return work_last(load_id, merge_load)


def work_last(load_id: str, work: Callable[[Platform, Path], dict[str, int]]) -> dict[str, int]:
    """Does the last step of a load, and clears what this machine keeps of it; returns what the step does."""
    place = platform()
    folder = place.folder(load_id)
    outcomes = work(place, folder)
    for file in Load.open(folder).files:
        (place.spool / file.sha256).unlink(missing_ok=True)
    shutil.rmtree(folder)
    return outcomes


def merge_load(place: Platform, folder: Path) -> dict[str, int]:
    """Archives a load's forms, then writes rows, judgements and persons in one transaction.

    Args:
        place: the installation; a load's folder in its archive is complete before its store knows of it.
        folder: the load's scratch folder after `tasks.resolve`.

    Returns:
        Rows by outcome.

    Raises:
        PlatformError: the store has taken another load since this one was resolved; resolve it again.
    """
    start = time.monotonic()
    load = Load.open(folder)
    for name in ARCHIVED:
        place.objects.put(f"archive/forms/{load.load_id}/{name}", folder / name)
    with connect(spill=str(folder)) as local, place.engine.begin() as store, ThreadPoolExecutor(1) as beside:
        _check_store(store, folder)
        read_decisions(local, folder, load)
        _decide_sources(local)
        load_no = write_ledger(store, folder, load)
        retire_persons(store, local, load_no=load_no)
        # DuckDB folds while PostgreSQL takes the rows.
        folded = beside.submit(_fold, local.cursor())
        _write_rows(store, local, load_no)
        if load.kind is REGISTERS:
            add_forms(store, _forms_by_residence(local))
        folded.result()
        _write_persons(store, local)
        write_parted(place, store, local, folder)
        settle_corrections(place, store, local, folder, date=load.business_date, stated=_CORRECTIONS)
        settle_reviews(store, local, doubtful=_DOUBTFUL)
        _hold_cards(store, local, load.business_date)
        write_corrections(store, local)
        _label_forms(store, load_no)
        if local.execute("SELECT EXISTS (FROM decision)").fetchall()[0][0]:
            note_model(store, place)
        note_seconds(folder, "merge", start)
        note_stages(store, folder, load_no)
        return count_outcomes(local)


def _check_store(store: Connection, folder: Path) -> None:
    resolved_against = json.loads((folder / "store.json").read_text(encoding="utf-8"))["last_load"]
    if store.scalar(text("SELECT coalesce(max(load_no), 0) FROM load")) != resolved_against:
        raise PlatformError("the store has moved since this load was resolved: run the night again")


def read_decisions(local: duckdb.DuckDBPyConnection, folder: Path, load: Load) -> None:
    """Makes the load's Parquet files relations: row, decision, pair, placed, alias, …; and creates `outcome`."""
    for path in folder.glob("*.parquet"):
        local.execute(f"CREATE VIEW {path.stem} AS FROM read_parquet('{path}')")
    files = pa.Table.from_pylist(
        [{key: asdict(file)[key] for key in ("file_no", "file_id", "trust")} for file in load.files]
    )
    keep(local, "files", files)
    local.execute(
        """
        CREATE TABLE outcome AS
        SELECT f.file_id, r.row_no, coalesce(r.outcome, d.outcome, 'duplicate') AS outcome, r.form_id, r.form_no,
               r.rules, r.returned_file, r.returned_row
          FROM row AS r JOIN files AS f USING (file_no) LEFT JOIN decision AS d USING (file_no, row_no)
        UNION ALL
        SELECT f.file_id, u.row_no, CASE u.reason WHEN 'encoding' THEN 'held' ELSE 'unreadable' END,
               NULL, NULL, u.reason, NULL, NULL
          FROM unreadable AS u JOIN files AS f USING (file_no)
        """
    )


def _decide_sources(local: duckdb.DuckDBPyConnection) -> None:
    """Creates `decided`: file_no, row_no, person_id, trust, known (whether the store has the person).

    Forms of persons that are folded afresh are left out: their turn comes when the load is written.
    """
    local.execute(
        """
        CREATE TABLE decided AS
        SELECT d.file_no, d.row_no, d.person_id, f.trust, n.before IS NOT NULL AS known
          FROM decision AS d
          JOIN files AS f USING (file_no)
          LEFT JOIN (SELECT DISTINCT before FROM placed WHERE before IS NOT NULL) AS n ON n.before = d.person_id
          ANTI JOIN parted USING (person_id)
        """
    )


def write_ledger(store: Connection, folder: Path, load: Load) -> int:
    """Enters the load, and what became of its files; returns its number."""
    validation = json.loads((folder / "validation.json").read_text(encoding="utf-8"))
    ends = json.loads((folder / "files.json").read_text(encoding="utf-8"))
    load_no = store.scalar(
        text(load_sql("merge", "insert_load")),
        {
            "load_id": load.load_id,
            "business_date": load.business_date,
            "province": load.province,
            "validation": json.dumps(validation),
            "linkage": (folder / LINKAGE).read_text(encoding="utf-8") if load.kind is not DOSSIERS else None,
        },
    )
    files = {file.file_no: file for file in load.files}
    store.execute(
        text(load_sql("merge", "end_file")),
        [
            {
                **end,
                "file_id": files[end["file_no"]].file_id,
                "profile": json.dumps(end["profile"]),
                "load_no": load_no,
                "business_date": load.business_date,
            }
            for end in ends
        ],
    )
    return int(load_no or 0)


def write_outcomes(store: Connection, local: duckdb.DuckDBPyConnection) -> None:
    """Enters what became of each row."""
    rows = local.execute(
        "SELECT file_id, row_no, outcome, form_id, form_no, rules FROM outcome ORDER BY file_id, row_no"
    ).to_arrow_table()
    copy_in(store, "received_row", rows.column_names, rows)


def count_outcomes(local: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows of the load by outcome."""
    counted = dict(local.execute("SELECT outcome, count(*) FROM outcome GROUP BY outcome").fetchall())
    return {outcome: counted.get(outcome, 0) for outcome in OUTCOMES}


def note_stages(store: Connection, folder: Path, load_no: int) -> None:
    """Enters how long each stage of the load took."""
    seconds = (folder / "seconds.json").read_text(encoding="utf-8")
    store.execute(
        text("UPDATE load SET seconds = CAST(:seconds AS jsonb) WHERE load_no = :load_no"),
        {"seconds": seconds, "load_no": load_no},
    )


def _write_rows(store: Connection, local: duckdb.DuckDBPyConnection, load_no: int) -> None:
    write_outcomes(store, local)
    judgements = local.execute(
        "SELECT form_id, 0 AS judged_no, person_id, rule, weight, file_id, row_no,"
        f" {load_no} AS load_no, number, number_holds, known_number, name, register, member"
        # In the order of its key, and so of the persons that it makes: both tables' indexes grow page by page.
        " FROM decision JOIN files USING (file_no) ORDER BY form_id"
    ).to_arrow_table()
    copy_in(store, "judgement", judgements.column_names, judgements)
    pairs = local.execute(
        f"SELECT form_a, form_b, weight, '{{' || array_to_string(parts, ',') || '}}' AS parts, apart,"
        f" {load_no} AS load_no FROM pair ORDER BY form_a, form_b"
    ).to_arrow_table()
    copy_in(store, "pair", pairs.column_names, pairs)


def _forms_by_residence(local: duckdb.DuckDBPyConnection) -> pa.Table:
    """The load's accepted forms by the residence that they state, for `add_forms`."""
    return local.execute(
        """
        SELECT coalesce(s.permanent_place, s.current_place, '') AS place,
               coalesce(if(s.permanent_place IS NULL, s.current_place_from, s.permanent_place_from), DATE '1900-01-01')
                   AS place_from,
               count(*) AS forms
          FROM outcome AS o
          JOIN files AS f USING (file_id)
          JOIN standard AS s ON s.file_no = f.file_no AND s.row_no = o.row_no
         WHERE o.outcome IN ('new', 'matched', 'review')
         GROUP BY ALL
        """
    ).to_arrow_table()


def _label_forms(store: Connection, load_no: int) -> None:
    """Marks those of the load's forms whose person is known, for the measures of loads to come."""
    if store.scalar(text("SELECT EXISTS (SELECT FROM truth_label)")):
        statement = load_sql("truth", "label_forms").format(labels="truth_label", files="f.load_no = :load_no")
        store.execute(text(statement), {"load_no": load_no})


def _write_persons(store: Connection, local: duckdb.DuckDBPyConnection) -> None:
    """Persons that the store does not know are copied in, the others merged."""
    copy_in(store, "person", PERSON_COLUMNS, local.execute("FROM fresh_person").to_arrow_reader(_BATCH_ROWS))
    store.exec_driver_sql(load_sql("merge", "create_folded"))
    if copy_in(store, "folded", PERSON_COLUMNS, local.execute("FROM grown_person").to_arrow_reader(_BATCH_ROWS)):
        store.exec_driver_sql("ANALYZE folded")
        store.exec_driver_sql(load_sql("merge", "merge_persons").format(assignments=_assignments()))


def _hold_cards(store: Connection, local: duckdb.DuckDBPyConnection, date: dt.date) -> None:
    """Cards of whom the load says that they have died, and of whose forms some are somebody else's now."""
    for reason, persons in _HELD.items():
        if found := [str(row[0]) for row in local.execute(persons).fetchall()]:
            hold_persons(store, found, reason, date=date)


def _fold(local: duckdb.DuckDBPyConnection) -> None:
    """Creates `fresh_person` and `grown_person`: the load's persons that the store does not know, and the others.

    Tables, and no results that are read while they are made: DuckDB 1.5.6 has locked itself out over those.
    """
    for name, known in (("fresh_person", False), ("grown_person", True)):
        forms = f"""(SELECT d.person_id, d.trust, s.*
                       FROM standard AS s JOIN decided AS d USING (file_no, row_no) WHERE d.known = {known})"""
        stays = "SELECT before AS person_id FROM placed WHERE before IS NOT NULL"
        persons = f"(FROM absorbed {'SEMI' if known else 'ANTI'} JOIN ({stays}) USING (person_id))"
        local.execute(f"CREATE TABLE {name} AS {fold_forms(forms=forms, persons=persons)}")


def _assignments() -> str:
    """`SET` of the merge: a group's columns from the side with the greater stamp, and conflicts of the two sides."""
    parts = []
    for group in GROUPS:
        wins = f"s.{group.stamp} >= coalesce(p.{group.stamp}, 0)"
        parts += [f"{column} = CASE WHEN {wins} THEN s.{column} ELSE p.{column} END" for column in group.columns]
        parts.append(f"{group.stamp} = greatest(p.{group.stamp}, s.{group.stamp})")
    conflicts = ["p.conflicts", "s.conflicts"]
    for group in DISPUTABLE:
        conflicts.append(f"CASE WHEN p.{group.witness} <> s.{group.witness} THEN {conflict_bit(group)} ELSE 0 END")
        parts.append(f"{group.witness} = least(p.{group.witness}, s.{group.witness})")
    return ",\n       ".join([*parts, f"conflicts = {' | '.join(conflicts)}"])


def write_corrections(store: Connection, local: duckdb.DuckDBPyConnection) -> None:
    """Enters which failed rows were sent again, corrected."""
    returned = local.execute(
        "SELECT returned_file AS file_id, returned_row AS row_no, file_id AS by_file_id, row_no AS by_row_no"
        " FROM outcome WHERE returned_file IS NOT NULL AND returned_row IS NOT NULL AND outcome <> 'held'"
    ).to_arrow_table()
    if returned.num_rows:
        store.exec_driver_sql(load_sql("merge", "create_returned"))
        copy_in(store, "returned", returned.column_names, returned)
        store.exec_driver_sql(load_sql("merge", "insert_corrections"))
