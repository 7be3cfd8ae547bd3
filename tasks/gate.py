"""The gate of a load: what its linkage came to is kept, and a load that is outside the limits is held whole."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import Connection, text

from expectations.rules import load_rules
from registry.database import load_sql
from registry.linkage.measures import FEWEST_FORMS, count_candidates, count_decisions, linkage_metrics, most_candidates
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


def gate_candidates(store: Connection, local: duckdb.DuckDBPyConnection, folder: Path, load: Load) -> list[str]:
    """Judges the candidates, before the dear work of weighing them; see `gate_decisions`."""
    return _gate(store, folder, load, count_candidates(local))


def gate_decisions(store: Connection, local: duckdb.DuckDBPyConnection, folder: Path, load: Load) -> list[str]:
    """Judges what the linkage came to; the critical rules that it breaks, each with what was measured.

    Leaves the counts in `linkage.json` and the runs of the rules in `validation.json`.
    """
    return _gate(store, folder, load, {**count_candidates(local), **count_decisions(local)})


def _gate(store: Connection, folder: Path, load: Load, counts: Mapping[str, Any]) -> list[str]:
    metrics = linkage_metrics(counts, earlier=_earlier_loads(store, load))
    runs = judge_linkage(metrics)
    note_runs(folder, "linkage", runs)
    broken = [run.rule for run in runs if len(run.failing) and run.rule.severity == "critical"]
    path = folder / LINKAGE
    kept = json.loads(path.read_text(encoding="utf-8"))
    kept |= {"kind": load.kind.name, **counts, "metrics": metrics, "held_by": [rule.id for rule in broken]}
    path.write_text(json.dumps(kept), encoding="utf-8")
    return [f"{rule.id} ({metrics[str(rule.column)]:.4g}, limit {rule.kwargs['max_value']})" for rule in broken]


def _earlier_loads(store: Connection, load: Load) -> tuple[int, float | None]:
    asked = {"province": load.province, "kind": load.kind.name, "fewest": FEWEST_FORMS}
    loads, share = store.execute(text(load_sql("resolve", "earlier_loads")), asked).one()
    return int(loads), share


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
