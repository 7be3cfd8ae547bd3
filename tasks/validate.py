"""Validate: the suites run over a load, each row's findings are kept, and files with too many are held.

Critical findings of the suites of the rows (row and household, movement, dossier) send a row to quarantine, warnings
mark it. Critical findings of the load suite hold a file whole. Nothing of a form's content goes into
`validation.json` or the report site.
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Engine, text

from expectations.rules import Rule, load_rules
from expectations.run import RuleRun, run_suite, run_suite_on_table, verdicts
from expectations.store import FailedRule, store_frame
from registry.accepted import accept_forms
from registry.database import load_sql
from registry.errors import PlatformError
from registry.file_ends import end_file
from registry.fold import connect
from registry.forms import FINDING_SCHEMA, POSITION
from registry.households import measured_forms, measured_movements
from registry.kinds import MOVEMENTS, REGISTERS, FileKind
from registry.linkage.evidence import create_evidence, create_places, narrowed_keys, write_evidence
from registry.linkage.measures import LINKAGE_METRICS
from registry.loads import Load
from registry.profiles import FILE_METRICS, OF_ANY_KIND, Profile, file_metrics, join_profiles, profile_files
from tasks.platform import EVIDENCE, LINKAGE, Platform, platform
from tasks.read import read_told
from tasks.verb import note_seconds, verb

#: Units of the states with three levels, whose provinces the personal numbers were made of.
PLACE_UNITS: tuple[Path, ...] = tuple(
    Path(__file__).parents[1] / "config" / "places" / f"units_{day}.csv" for day in ("2021-11-15", "2025-03-12")
)

#: Rows that go through the suites at once.
SLICE_ROWS = 500_000


@dataclass(frozen=True)
class FileFacts:
    """What is known of a file before its rows are judged.

    Attributes:
        file_no: its ordinal in the load.
        rows: all its physical rows, the unreadable ones included.
        unreadable: those that could not be told into fields.
        earlier: the joined profile (`registry.profiles.join_profiles`) of its sender's earlier files.
    """

    file_no: int
    rows: int
    unreadable: int
    earlier: Profile | None = None


@dataclass(frozen=True)
class Held:
    """Why a file is held whole: the rules, and a sentence for its sender in both languages."""

    rules: tuple[str, ...]
    reason_vi: str
    reason_en: str


@dataclass(frozen=True)
class FileVerdict:
    """What became of a file.

    Attributes:
        file_no: its ordinal in the load.
        quarantined: rows with at least one critical finding (counted whether the file is held or not).
        held: why none of its rows is used, or None.
        warnings: rules of the load suite that it fails without being held for them.
        profile: its counts, to be kept as the sender's history.
    """

    file_no: int
    quarantined: int
    held: Held | None
    warnings: tuple[str, ...]
    profile: dict[str, Any]


@dataclass(frozen=True)
class ValidatedLoad:
    """A load after its suites: a verdict a file, and rows failing each rule (rules without any left out)."""

    files: tuple[FileVerdict, ...]
    failed: dict[str, int]


@verb
def validate(load_id: str) -> None:
    """Judges a load that was standardised; leaves the end of each file in `files.json`, and the accepted forms."""
    place, start = platform(), time.monotonic()
    folder = place.folder(load_id)
    load = Load.open(folder)
    judge = _judge_movements if load.kind is MOVEMENTS else partial(_judge_forms, business_date=load.business_date)
    held = judge_load(place, folder, load, judge)
    write_accepted(place, folder, held=held)
    note_seconds(folder, "validate", start)


def judge_load(place: Platform, folder: Path, load: Load, judge: "Judge") -> list[int]:
    """Runs the suites of a load, and leaves the end of each of its files in `files.json`.

    Args:
        place: the installation.
        folder: the load's scratch folder.
        load: what it is.
        judge: runs the suites of its rows.

    Returns:
        `file_no` of the files that are held.
    """
    told, earlier = read_told(folder), _sender_histories(place.engine, load)
    facts = [
        FileFacts(file.file_no, told[file.file_no].rows, told[file.file_no].unreadable, earlier.get(file.sender))
        for file in load.files
    ]
    judged = conclude_load(
        folder, judge(folder / "standard.parquet"), files=facts, business_date=load.business_date, docs=None,
        kind=load.kind,
    )  # fmt: skip
    ends = [
        end_file(
            file,
            told[file.file_no],
            held=(verdict.held.rules[0], verdict.held.reason_en) if verdict.held else None,
            profile=verdict.profile,
        )
        for file, verdict in zip(load.files, judged.files, strict=True)
    ]
    (folder / "files.json").write_text(json.dumps([asdict(end) for end in ends]), encoding="utf-8")
    return [end.file_no for end in ends if end.state == "held"]


def write_accepted(place: Platform, folder: Path, *, held: list[int]) -> None:
    """Writes `row.parquet` (see `registry.accepted`): what became of each row; and `evidence.arrow` of the forms.

    What of their keys was narrowed goes into `linkage.json`.
    """
    standard = folder / "standard.parquet"
    with connect(spill=str(folder)) as local:
        accept_forms(local, standard=standard, findings=folder / "findings.parquet", held=held)
        local.execute(f"COPY row TO '{folder / 'row.parquet'}' (COMPRESSION lz4)")
        local.execute(
            f"CREATE TEMP VIEW accepted AS FROM read_parquet('{standard}') SEMI JOIN form USING (file_no, row_no)"
        )
        create_places(local, place.reference.gazetteer)
        create_evidence(local, forms="accepted", model=place.linkage_model)
        write_evidence(local, folder / EVIDENCE)
        narrowed = {key: asdict(counts) for key, counts in narrowed_keys(local).items() if any(asdict(counts).values())}
    (folder / LINKAGE).write_text(json.dumps({"narrowed": narrowed}), encoding="utf-8")


def _sender_histories(engine: Engine, load: Load) -> dict[str, Profile]:
    """The joined profile of the latest files of the load's kind of each sender in it."""
    senders = sorted({file.sender for file in load.files})
    with engine.begin() as store:
        asked = {"senders": senders, "kind": load.kind.name}
        rows = store.execute(text(load_sql("validate", "sender_history")), asked).all()
    profiles: dict[str, list[Profile]] = defaultdict(list)
    for sender, profile in rows:
        profiles[sender].append(profile)
    return {sender: joined for sender, kept in profiles.items() if (joined := join_profiles(kept))}


def validate_load(
    folder: Path,
    *,
    files: Sequence[FileFacts],
    business_date: date,
    docs: Path | None,
    kind: FileKind = REGISTERS,
) -> ValidatedLoad:
    """Runs the suites of its rows and the load suite over a load's `standard.parquet`, see `conclude_load`.

    Forms are judged by the suites row and household, movements by the suite movement.
    """
    standard = folder / "standard.parquet"
    judged = _judge_movements(standard) if kind is MOVEMENTS else _judge_forms(standard, business_date)
    return conclude_load(folder, judged, files=files, business_date=business_date, docs=docs, kind=kind)


def conclude_load(
    folder: Path,
    judged: "Judged",
    *,
    files: Sequence[FileFacts],
    business_date: date,
    docs: Path | None,
    kind: FileKind,
) -> ValidatedLoad:
    """Says what follows for the files of a load whose rows were judged, by the load suite.

    Writes `findings.parquet` (FINDING_SCHEMA, by file and row) and `validation.json` (counts only) into the folder.

    Args:
        folder: the load's scratch folder, named after the load.
        judged: its rows.
        files: every file of the load.
        business_date: the night.
        docs: folder that gets a copy of `validation.json` as `<load>.json`, for `expectations.docs.build_docs`.
        kind: of the files.

    Raises:
        PlatformError: a rule could not run, or the rows are not those that the files are said to have.
    """
    counted = profile_files(folder / "standard.parquet")
    _refuse_other_rows(files, counted)
    pq.write_table(judged.findings(), folder / "findings.parquet", compression="zstd")
    profiles = [_profile(file, counted, judged) for file in files]
    runs = run_suite_on_table("load", load_rules("load"), _load_frame(files, profiles, kind))
    ended = tuple(_verdict(n, file, profiles[n], runs) for n, file in enumerate(files))
    report = {
        "load": folder.name,
        "business_date": business_date.isoformat(),
        "suites": {**judged.report(), "load": [_counts(run.rule, run.evaluated, len(run.failing)) for run in runs]},
        "files": [{"file_no": verdict.file_no, **verdict.profile} for verdict in ended],
    }
    _write_report(report, [folder / "validation.json", *([docs / f"{folder.name}.json"] if docs else [])])
    return ValidatedLoad(files=ended, failed=judged.failed())


def validate_store(metrics: Mapping[str, int], *, business_date: date, docs: Path | None = None) -> list[FailedRule]:
    """Judges the store after the merge: the rules that its counts break, the critical ones close the publish gate.

    Args:
        metrics: a count for each name of `expectations.store.STORE_METRICS`.
        business_date: the night.
        docs: folder that gets the counts as `store-<date>.json`, for `expectations.docs.build_docs`.

    Raises:
        PlatformError: a count is missing, or a rule could not run.
    """
    runs = run_suite_on_table("store", load_rules("store"), store_frame(metrics))
    if docs:
        report = {
            "load": f"store-{business_date.isoformat()}",
            "business_date": business_date.isoformat(),
            "suites": {"store": [_counts(run.rule, run.evaluated, len(run.failing)) for run in runs]},
        }
        _write_report(report, [docs / f"store-{business_date.isoformat()}.json"])
    broken = [run.rule for run in runs if len(run.failing)]
    return [FailedRule(rule.id, rule.severity, metrics[rule.kwargs["column"]]) for rule in broken]


@dataclass
class Judged:
    """What the suites of the rows found, slice after slice."""

    rules: dict[str, tuple[Rule, ...]]
    evaluated: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    quarantined: dict[int, int] = field(default_factory=dict)
    warned: dict[int, int] = field(default_factory=dict)
    found: list[pa.Table] = field(default_factory=list)

    @property
    def everything(self) -> list[Rule]:
        """The rules of all suites."""
        return [rule for rules in self.rules.values() for rule in rules]

    def add(self, slice_: pa.Table, runs: Sequence[RuleRun]) -> None:
        """Takes in the runs of one slice; `slice_` has the columns of POSITION."""
        for run in runs:
            self.evaluated[run.rule.id] = self.evaluated.get(run.rule.id, 0) + run.evaluated
            self.counts[run.rule.id] = self.counts.get(run.rule.id, 0) + len(run.failing)
        critical = [run.failing for run in runs if run.rule.severity == "critical"]
        warning = [run.failing for run in runs if run.rule.severity == "warning"]
        _count_by_file(slice_, critical, self.quarantined)
        _count_by_file(slice_, warning, self.warned)
        self.found.append(_findings(slice_, runs))

    def findings(self) -> pa.Table:
        """Every finding, by file and row; the rules of a row in the order of the suites."""
        if not self.found:
            return FINDING_SCHEMA.empty_table()
        table = pa.concat_tables(self.found)
        order = np.lexsort([table[name].to_numpy() for name in reversed(POSITION)])
        rules = self.everything
        which = table["rule"].combine_chunks().take(pa.array(order))
        return pa.table(
            [
                *(table[name].take(pa.array(order)) for name in POSITION),
                _worded(which, [rule.id for rule in rules]),
                _worded(which, [rule.severity for rule in rules]),
            ],
            schema=FINDING_SCHEMA,
        )

    def failed(self) -> dict[str, int]:
        """Rows failing each rule that some row fails."""
        return {rule: count for rule, count in self.counts.items() if count}

    def report(self) -> dict[str, list[dict[str, Any]]]:
        """Counts of each rule, suite by suite."""
        return {
            suite: [_counts(rule, self.evaluated.get(rule.id, 0), self.counts.get(rule.id, 0)) for rule in rules]
            for suite, rules in self.rules.items()
        }


#: Runs the suites of the rows in a `standard.parquet`.
Judge = Callable[[Path], Judged]


def judge_dossiers(local: duckdb.DuckDBPyConnection) -> Judged:
    """Runs the suite dossier over the view `dossiers` of `registry.cards.measures`."""
    judged = Judged({"dossier": load_rules("dossier")})
    return _judge(judged, verdicts(local, "dossiers", rules=judged.everything, keep=POSITION))


def _judge_forms(standard: Path, business_date: date) -> Judged:
    judged = Judged({suite: load_rules(suite) for suite in ("row", "household")})
    with measured_forms(standard, business_date=business_date, units=PLACE_UNITS) as connection:
        rows = verdicts(connection, "forms", rules=judged.everything, keep=POSITION)
    return _judge(judged, rows)


def _judge_movements(standard: Path) -> Judged:
    judged = Judged({"movement": load_rules("movement")})
    with measured_movements(standard) as connection:
        rows = verdicts(connection, "movements", rules=judged.everything, keep=POSITION)
    return _judge(judged, rows)


def _judge(judged: Judged, judged_rows: pa.Table) -> Judged:
    """Runs the suites over what `verdicts` made for them."""
    for start in range(0, judged_rows.num_rows, SLICE_ROWS):
        part = judged_rows.slice(start, SLICE_ROWS)
        runs = [run for suite, rules in judged.rules.items() for run in run_suite(suite, rules, part)]
        judged.add(part.select(list(POSITION)), runs)
    return judged


def _findings(slice_: pa.Table, runs: Sequence[RuleRun]) -> pa.Table:
    """One row a finding: the row's position, and the rule as its place in `runs`."""
    rows = pa.array(np.concatenate([run.failing for run in runs]))
    which = np.repeat(np.arange(len(runs), dtype=np.int32), [len(run.failing) for run in runs])
    return pa.table({**{name: slice_[name].take(rows) for name in POSITION}, "rule": pa.array(which)})


def _worded(which: pa.Array, words: Sequence[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(which, pa.array(words, pa.large_string())).cast(pa.large_string())


def _count_by_file(slice_: pa.Table, failing: Sequence[Any], into: dict[int, int]) -> None:
    """Adds to each file its rows that are in any of the lists of positions."""
    hit = np.zeros(slice_.num_rows, dtype=bool)
    for positions in failing:
        hit[positions] = True
    counts = np.bincount(slice_["file_no"].to_numpy()[hit])
    for file_no in np.flatnonzero(counts):
        into[int(file_no)] = into.get(int(file_no), 0) + int(counts[file_no])


def _refuse_other_rows(files: Sequence[FileFacts], counted: Mapping[int, Mapping[str, Any]]) -> None:
    said = {file.file_no: file.rows - file.unreadable for file in files}
    found = {file_no: counts["readable"] for file_no, counts in counted.items()}
    for file_no in sorted(said.keys() | found.keys()):
        if said.get(file_no, 0) != found.get(file_no, 0):
            raise PlatformError(
                f"file {file_no} of the load: {said.get(file_no, 0)} readable rows were announced, "
                f"{found.get(file_no, 0)} stand in standard.parquet; the operator runs the load again"
            )


def _profile(file: FileFacts, counted: Mapping[int, Mapping[str, Any]], judged: Judged) -> dict[str, Any]:
    nothing = {"male": 0, "incomplete_birth_date": 0, "returned": 0, "missing": {}}
    counts = counted.get(file.file_no, nothing)
    return {
        "files": 1,
        "rows": file.rows,
        "unreadable": file.unreadable,
        "quarantined": judged.quarantined.get(file.file_no, 0),
        "warned": judged.warned.get(file.file_no, 0),
        **{name: counts[name] for name in nothing},
    }


def _load_frame(files: Sequence[FileFacts], profiles: Sequence[Profile], kind: FileKind) -> pa.Table:
    """One row a file, the columns of FILE_METRICS; null what says nothing of its kind."""
    metrics = [file_metrics(profile, file.earlier) for file, profile in zip(files, profiles, strict=True)]
    said = FILE_METRICS if kind is REGISTERS else OF_ANY_KIND
    return pa.table(
        {
            name: pa.array([row[name] if name in said else None for row in metrics], pa.float64())
            for name in FILE_METRICS
        }
    )


def _verdict(at: int, file: FileFacts, profile: dict[str, Any], runs: Sequence[RuleRun]) -> FileVerdict:
    broken = [run.rule for run in runs if at in run.failing]
    critical = [rule for rule in broken if rule.severity == "critical"]
    return FileVerdict(
        file_no=file.file_no,
        quarantined=profile["quarantined"],
        held=_held(critical, profile) if critical else None,
        warnings=tuple(rule.id for rule in broken if rule.severity == "warning"),
        profile=profile,
    )


def _held(rules: Sequence[Rule], profile: Profile) -> Held:
    rows, unreadable, quarantined = profile["rows"], profile["unreadable"], profile["quarantined"]
    said_vi = " ".join(rule.message_vi for rule in rules)
    said_en = " ".join(rule.message_en for rule in rules)
    return Held(
        rules=tuple(rule.id for rule in rules),
        reason_vi=f"{said_vi} ({rows} dòng: {unreadable} không đọc được, {quarantined} bị loại.)",
        reason_en=f"{said_en} ({rows} rows: {unreadable} unreadable, {quarantined} quarantined.)",
    )


def _counts(rule: Rule, evaluated: int, failed: int) -> dict[str, Any]:
    return {"id": rule.id, "severity": rule.severity, "evaluated": evaluated, "failed": failed}


def judge_linkage(metrics: Mapping[str, float | None]) -> list[RuleRun]:
    """Judges what the linkage of a load came to, by the names of `registry.linkage.measures.LINKAGE_METRICS`."""
    frame = pa.table({name: pa.array([metrics[name]], pa.float64()) for name in LINKAGE_METRICS})
    return run_suite_on_table("linkage", load_rules("linkage"), frame)


def note_runs(folder: Path, suite: str, runs: Sequence[RuleRun]) -> None:
    """Adds a suite that ran after the others to the load's `validation.json`."""
    path = folder / "validation.json"
    report = json.loads(path.read_text(encoding="utf-8"))
    report["suites"][suite] = [_counts(run.rule, run.evaluated, len(run.failing)) for run in runs]
    _write_report(report, [path])


def _write_report(report: Mapping[str, Any], paths: Sequence[Path]) -> None:
    text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
