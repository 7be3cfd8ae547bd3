"""Resolve: who is who. Reads the store, decides in DuckDB, writes the decisions beside the load; changes nothing."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, text

from registry.bulk import copy_in, copy_out
from registry.database import load_sql
from registry.errors import PlatformError
from registry.fold import connect, keep
from registry.linkage.allocated import ALLOCATED_SCHEMA, add_allocated
from registry.linkage.candidates import create_candidates
from registry.linkage.constraints import create_bound, create_members
from registry.linkage.evidence import read_evidence
from registry.linkage.known import fetch_known
from registry.linkage.measures import count_candidates
from registry.linkage.model import LinkageModel
from registry.linkage.placement import PLACED, place_forms
from registry.linkage.scores import score_candidates
from registry.linkage.stored import StoredEvidence
from registry.loads import Load
from tasks.gate import gate_candidates, gate_decisions, hold_load, most_pairs
from tasks.platform import EVIDENCE, Platform, platform
from tasks.verb import note_seconds, verb

#: What the merge needs of the decisions, a Parquet file each in the load's folder.
RESULTS = ("decision", "pair", *PLACED)

#: Rule of a person's first form, of one of which people decide, and of one that is tied by weight.
FIRST, UNDECIDED, WEIGHT = "first", "undecided", "weight"

#: What resolving a load may use.
MEMORY = "6GB"


@verb
def resolve(load_id: str) -> list[str]:
    """Decides for every accepted form of a load which person it belongs to; returns the rules that held the load."""
    place, start = platform(), time.monotonic()
    folder = place.folder(load_id)
    broken = resolve_load(place, folder)
    note_seconds(folder, "resolve", start)
    return broken


def resolve_load(place: Platform, folder: Path) -> list[str]:
    """Resolves a validated load against the store as it is now.

    Args:
        place: the installation.
        folder: the load's scratch folder with `load.json` and `evidence.arrow`.

    Writes `<result>.parquet` for each of `RESULTS`, and `store.json` with the last load that the store held: the merge
    refuses decisions that were made against another store. A load outside the limits of the linkage suite is held, and
    resolved as one without forms.

    Returns:
        The rules that held the load, none when it is to be merged.

    Raises:
        PlatformError: the store was resolved with another version of the model.
    """
    broken = _resolve(place, folder)
    if broken:
        hold_load(place, folder, broken)
        _resolve(place, folder, gated=False)
    return broken


def _resolve(place: Platform, folder: Path, *, gated: bool = True) -> list[str]:
    """Writes the decisions, unless the gate is asked and breaks off: the rules that do not hold."""
    load, model = Load.open(folder), place.linkage_model
    with connect(memory=MEMORY, spill=str(folder)) as local, place.engine.begin() as store:
        _check_model(store, model)
        last_load = store.scalar(text("SELECT coalesce(max(load_no), 0) FROM load"))
        known = StoredEvidence(place.evidence_files(merged_loads(store)))
        keep(local, "evidence", _new_evidence(folder / EVIDENCE, known))
        create_candidates(local, known=known, largest_block=model.largest_block, most_pairs=most_pairs(local))
        candidates = count_candidates(local)
        if gated and (broken := gate_candidates(store, folder, load, candidates)):
            return broken
        add_allocated(local, allocated_numbers(store, local), known=known)
        _decide(store, local, load, model)
        if gated and (broken := gate_decisions(store, local, folder, load, candidates)):
            return broken
        for result in RESULTS:
            local.execute(f"COPY {result} TO '{folder / result}.parquet' (COMPRESSION lz4)")
    (folder / "store.json").write_text(json.dumps({"last_load": last_load}), encoding="utf-8")
    return []


def _decide(store: Connection, local: duckdb.DuckDBPyConnection, load: Load, model: LinkageModel) -> None:
    """Weighs the candidates and puts the forms together: the tables `RESULTS`."""
    score_candidates(local, model)
    create_bound(local)
    _create_pairs(local, model)
    with ThreadPoolExecutor(1) as beside:
        fetched = beside.submit(fetch_known, store, _hits(local), match_weight=model.match_weight)
        create_members(local, books={file.file_no: file.sha256 for file in load.files})
    for table, rows in fetched.result().items():
        keep(local, table, rows)
    local.execute("INSERT INTO member BY NAME FROM known_member")
    local.execute(
        "CREATE TEMP TABLE tie AS SELECT * FROM known_tie"
        " UNION ALL BY NAME SELECT form_a, form_b, weight, apart, NULL::VARCHAR AS verdict FROM pair"
    )
    place_forms(local, night=f"{load.business_date:%Y%m%d}", match_weight=model.match_weight)
    _create_decision(local, model)


def _check_model(store: Connection, model: LinkageModel) -> None:
    version = store.scalar(text("SELECT version FROM linkage_model"))
    if version not in (None, model.version):
        raise PlatformError(
            f"the store was resolved with model {version}, config/linkage holds model {model.version}: the operator"
            " puts the former back, or lands archive/files/ in a new store"
        )


def merged_loads(store: Connection) -> list[str]:
    """load_id of the loads that brought forms, in their order."""
    return list(store.scalars(text(load_sql("resolve", "loads_of_forms"))))


def _new_evidence(file: Path, known: StoredEvidence) -> pa.Table:
    """Evidence of the load's forms that the store does not have."""
    evidence = read_evidence(file)
    again = known.having(evidence["form_id"])
    return evidence.filter(pc.invert(pc.is_in(evidence["form_id"], again))) if len(again) else evidence


def allocated_numbers(store: Connection, local: duckdb.DuckDBPyConnection) -> pa.Table:
    """The numbers that the table `evidence` states and that the register gave, see `registry.linkage.allocated`."""
    if not store.scalar(text("SELECT EXISTS (SELECT FROM allocated_number)")):
        return ALLOCATED_SCHEMA.empty_table()
    store.exec_driver_sql(load_sql("resolve", "create_stated"))
    stated = local.execute("SELECT DISTINCT pid AS number FROM evidence WHERE pid IS NOT NULL").to_arrow_table()
    copy_in(store, "stated", ["number"], stated)
    return copy_out(store, load_sql("resolve", "allocated"), ALLOCATED_SCHEMA)


def _create_pairs(local: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    """Creates `pair`: of the scored ones those that tie, that people decide, or that share a number."""
    weights = {"review_weight": model.review_weight, "match_weight": model.match_weight}
    local.execute(load_sql("link", "create_pair").format(**weights))


def _hits(local: duckdb.DuckDBPyConnection) -> pa.Table:
    """The store's forms that stand in a pair."""
    return local.execute(
        "SELECT form_id FROM (SELECT DISTINCT unnest([form_a, form_b]) AS form_id FROM pair)"
        " ANTI JOIN node USING (form_id)"
    ).to_arrow_table()


def _create_decision(local: duckdb.DuckDBPyConnection, model: LinkageModel) -> None:
    rules = {"first": FIRST, "undecided": UNDECIDED, "weight": WEIGHT}
    local.execute(load_sql("link", "create_decision").format(match_weight=model.match_weight, **rules))
