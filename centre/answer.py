"""Answers: what the centre says of a batch is decided when it is taken, and sent when its run has come."""

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

from centre.faults import Faults
from centre.house import House, today
from centre.state import State
from centre.take import Batch
from registry.sealing.answers import CONTENT, DAMAGED, LINES, OK, PRODUCTION, RECEIPT, SHIPMENT, SYNTAX, Header
from registry.sealing.hash_totals import hash_total
from registry.sealing.key_folder import Signer
from registry.sealing.signatures import SUFFIX, open_bytes, sign

#: Why a centre rejects a dossier.
REJECTIONS = (
    "fingerprint_mismatch", "info_mismatch", "incomplete", "not_eligible", "photo_unusable", "fingerprints_unusable",
    "iris_unusable", "biometrics_missing",
)  # fmt: skip

#: Runs by which parts of a batch may lag: the rest of a partial answer, and a card of it that is made again.
_PARTS = (0, 1, 2)

#: Times of the answers are made up, so that the same batch has the same answers: seconds after the batch was made.
_SECONDS = {RECEIPT: 1, SYNTAX: 2, CONTENT: 3, PRODUCTION: 4, SHIPMENT: 5}
_SECONDS_A_PART = 60


def decide(batch: Batch, house: House, state: State, *, faults: Faults, run: int) -> None:
    """Writes down what the centre will say of a batch, and in which run."""
    if batch.damage:
        state.run("INSERT INTO damage VALUES ($sequence, $seen)", sequence=batch.sequence, seen=batch.seen)
        _insert(state, batch, RECEIPT, lines=None, late=0, due=run, result=DAMAGED, reason=batch.damage.value)
        return
    state.run(
        "INSERT INTO batch VALUES ($sequence, $manifest_sha256)",
        sequence=batch.sequence, manifest_sha256=batch.manifest_sha256,
    )  # fmt: skip
    state.run(
        "insert_dossiers", batch=batch.sequence, seed=faults.seed, reject=faults.reject, partial=faults.partial,
        qc_fail=faults.qc_fail, reasons=list(REJECTIONS),
    )  # fmt: skip
    state.run("insert_cards", batch=batch.sequence)
    due = run + faults.slow
    _insert(state, batch, RECEIPT, lines=None, late=0, due=due, result=OK)
    _insert(state, batch, SYNTAX, lines=_write_lines(house, state, batch, SYNTAX, late=0), late=0, due=due)
    for late in _PARTS:
        for kind in (CONTENT, PRODUCTION, SHIPMENT):
            lines = _write_lines(house, state, batch, kind, late=late)
            if lines.stat().st_size:
                _insert(state, batch, kind, lines=lines, late=late, due=due + late)


def _write_lines(house: House, state: State, batch: Batch, kind: str, *, late: int) -> Path:
    path = house.folder("answers") / f"{batch.sequence:06d}-{kind}-{late}.lines"
    state.write(f"lines_of_{kind}", path, batch=batch.sequence, late=late, at=_said_at(batch, kind, late))
    return path


def _said_at(batch: Batch, kind: str, late: int) -> str:
    return _utc(batch.made_at + dt.timedelta(seconds=_SECONDS[kind] + _SECONDS_A_PART * late))


def _utc(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).replace(tzinfo=None).isoformat() + "Z"


def _insert(
    state: State, batch: Batch, kind: str, *, lines: Path | None, late: int, due: int, result: str | None = None,
    reason: str | None = None,
) -> None:  # fmt: skip
    count, total = _totals(state, lines, names_dossiers="dossier" in LINES[kind])
    state.run(
        "insert_answer", kind=kind, batch=batch.sequence, manifest_sha256=batch.manifest_sha256,
        lines=str(lines) if lines else None, count=count, hash_total=total, made_at=_said_at(batch, kind, late),
        result=result, reason=reason, due=due,
    )  # fmt: skip


def _totals(state: State, lines: Path | None, *, names_dossiers: bool) -> tuple[int, str]:
    if lines is None or not lines.stat().st_size:
        return 0, "0"
    read = "FROM read_json($file, format = 'newline_delimited', columns = {dossier: 'VARCHAR'})"
    named = state.table(f"SELECT dossier {read}", file=str(lines))["dossier"]
    return len(named), hash_total(named) if names_dossiers else "0"


def send(house: House, state: State, *, faults: Faults) -> dict[str, int]:
    """Sends what is due and not sent yet, each with its signature last; returns how many of each kind.

    A kill in between leaves an answer that the next run sends again, byte for byte.
    """
    sent: dict[str, int] = {}
    for answer in state.rows("answers_to_send"):
        content = _compose(house, answer)
        signature = sign(b"" if faults.wrong_signature else open_bytes(content), _signer(house))
        for name in _names(answer, faults):
            key = f"inbox/acks/{house.centre}/{name}.jsonl"
            house.objects.put(key, content)
            house.objects.put_bytes(f"{key}{SUFFIX}", signature)
        if not faults.wrong_signature:
            _mark_sent(state, answer)
        sent[answer["kind"]] = sent.get(answer["kind"], 0) + 1
    return sent


def _signer(house: House) -> Signer:
    return house.keys.signer(house.centre, day=today())


def _names(answer: dict[str, Any], faults: Faults) -> list[str]:
    name = f"{answer['sequence']:06d}-{answer['kind']}"
    return [name, f"{name}-again"] if faults.double else [name]


def _compose(house: House, answer: dict[str, Any]) -> Path:
    unbound = answer["kind"] == SHIPMENT
    header = Header(
        centre=house.centre,
        kind=answer["kind"],
        sequence=answer["sequence"],
        batch=None if unbound else answer["batch"],
        manifest_sha256=None if unbound else answer["manifest_sha256"],
        count=answer["count"],
        hash_total=answer["hash_total"],
        made_at=dt.datetime.fromisoformat(answer["made_at"]),
        signed_by=_signer(house).key_id,
        result=answer["result"],
        reason=answer["reason"],
    )
    path = house.folder("work") / "answer.jsonl"
    with path.open("wb") as file:
        file.write(header.to_bytes())
        if answer["lines"]:
            with Path(answer["lines"]).open("rb") as lines:
                shutil.copyfileobj(lines, file)
    return path


def _mark_sent(state: State, answer: dict[str, Any]) -> None:
    with state.transaction():
        if answer["kind"] == SHIPMENT:
            state.run("insert_stock", file=answer["lines"])
        state.run("UPDATE answer SET sent = true WHERE no = $no", no=answer["no"])
