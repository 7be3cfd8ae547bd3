"""The gate of a load: what its linkage came to is kept, and a load that is outside the limits is held whole."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import Connection, text

from expectations.rules import Rule, load_rules
from registry.database import load_sql
from registry.linkage import measures
from registry.linkage.labels import create_labels
from registry.linkage.measures import (
    EarlierLoads,
    count_decisions,
    count_returning,
    linkage_metrics,
    most_candidates,
)
from registry.linkage.quality import Quality, measure_quality
from registry.loads import Load
from tasks.platform import LINKAGE, Platform
from tasks.validate import judge_linkage, note_runs, write_accepted

#: Reason code of a file whose load was held.
PUBLISH_GATE = "publish-gate"


def most_pairs(local: duckdb.DuckDBPyConnection) -> float:
    """How many pairs the forms of the table `evidence` may make, by the suite."""
    forms = int(local.execute("SELECT count(*) FROM evidence").fetchall()[0][0])
    limit = next(rule for rule in load_rules("linkage") if rule.column == "candidates_per_form")
    return most_candidates(forms, per_form=float(limit.kwargs["max_value"]))


def gate_candidates(store: Connection, folder: Path, load: Load, candidates: Mapping[str, Any]) -> list[str]:
    """Judges what `count_candidates` counted, before the dear work of weighing; see `gate_decisions`."""
    return _gate(store, folder, load, candidates, None)


def gate_decisions(
    store: Connection, local: duckdb.DuckDBPyConnection, folder: Path, load: Load, candidates: Mapping[str, Any]
) -> list[str]:
    """Judges what the linkage came to; the critical rules that it breaks, each with what was measured.

    Leaves the counts, those of `count_candidates` among them, in `linkage.json` and the runs of the rules in
    `validation.json`.
    """
    counts = {**candidates, **count_decisions(local)}
    counts["returning"] = count_returning(local, _returning_files(store, load))
    senders = {file.file_no: file.sender for file in load.files}
    labelled = create_labels(store, local, rows=folder / "row.parquet", senders=senders)
    return _gate(store, folder, load, counts, measure_quality(local) if labelled else None)


def _gate(store: Connection, folder: Path, load: Load, counts: Mapping[str, Any], quality: Quality | None) -> list[str]:
    metrics = linkage_metrics(counts, earlier=_earlier_loads(store, load), quality=quality)
    runs = judge_linkage(metrics)
    note_runs(folder, "linkage", runs)
    broken = [run.rule for run in runs if len(run.failing) and run.rule.severity == "critical"]
    path = folder / LINKAGE
    kept = json.loads(path.read_text(encoding="utf-8"))
    kept |= {"kind": load.kind.name, **counts, "quality": quality.as_dict() if quality else None}
    kept |= {"metrics": metrics, "held_by": [rule.id for rule in broken]}
    path.write_text(json.dumps(kept), encoding="utf-8")
    return [f"{rule.id} ({metrics[str(rule.column)]:.4g}, limit {_limit(rule):g})" for rule in broken]


def _limit(rule: Rule) -> float:
    """The one bound that a rule of the linkage suite has."""
    bounds = [rule.kwargs[side] for side in ("min_value", "max_value") if side in rule.kwargs]
    return float(bounds[0])


def _returning_files(store: Connection, load: Load) -> list[int]:
    """Files of senders who sent before: in the first file of a sender everybody is new, and is right."""
    asked = {
        "senders": sorted({file.sender for file in load.files}),
        "kind": load.kind.name,
        "date": load.business_date,
    }
    returning = set(store.execute(text(load_sql("resolve", "returning_senders")), asked).scalars())
    return [file.file_no for file in load.files if file.sender in returning]


def _earlier_loads(store: Connection, load: Load) -> EarlierLoads:
    asked = {"province": load.province, "kind": load.kind.name, "fewest": measures.FEWEST_FORMS}
    return EarlierLoads(*store.execute(text(load_sql("resolve", "earlier_loads")), asked).one())


def hold_load(place: Platform, folder: Path, broken: list[str]) -> None:
    """Holds all files of a load that would have been taken; nothing of it is accepted, the measures stay."""
    path = folder / "files.json"
    ends = json.loads(path.read_text(encoding="utf-8"))
    reason = f"the publish gate held the load: {', '.join(broken)}; the operator must act, see docs/runbook.md"
    for end in ends:
        if end["state"] == "taken":
            end |= {"state": "held", "reason_code": PUBLISH_GATE, "reason": reason, "who_acts": "operator"}
    path.write_text(json.dumps(ends), encoding="utf-8")
    measured = (folder / LINKAGE).read_bytes()
    write_accepted(place, folder, held=[end["file_no"] for end in ends if end["state"] == "held"])
    (folder / LINKAGE).write_bytes(measured)
