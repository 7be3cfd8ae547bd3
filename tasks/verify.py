"""Verify: the invariants of the design, proved from files and tables and from no counter kept along the way.

Memory is bounded: the store is copied into Parquet files once, loads are read again one by one, persons are folded
in buckets. A night may go on meanwhile: what is listed is listed before the store is looked at, and the store is
looked at in one transaction.
"""

import re
import shutil
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from registry.errors import SenderError
from registry.fold import connect
from registry.kinds import DOSSIERS, KINDS, REGISTERS
from registry.loads import load_identity
from registry.objects import ObjectMissing, Objects
from registry.proofs.archive import (
    EVIDENCE,
    PARTS,
    differing_files,
    show_archive,
    write_no_rows,
    write_rows,
)
from registry.proofs.breach import Breach, Proof
from registry.proofs.cards import OUTBOX, SEALED, prove_cards
from registry.proofs.linkage import differing_evidence, prove_linkage, write_fresh_evidence
from registry.proofs.numbers import prove_numbers
from registry.proofs.persons import prove_persons
from registry.proofs.privacy import Suspects, prove_privacy
from registry.proofs.snapshot import take_snapshot
from tasks.platform import Platform, platform
from tasks.read import FileToRead, read_load
from tasks.verb import verb

FILES, FORMS = "archive/files/", "archive/forms/"

#: Reports that are searched for persons.
_READABLE = (".html", ".json", ".txt", ".csv", ".md")
_LOAD_ID = re.compile(r"[0-9a-f]{32}")


@verb
def verify() -> list[str]:
    """Proves the store; returns a sentence for each breach."""
    return [str(breach) for breach in verify_store(platform())]


def verify_store(place: Platform) -> list[Breach]:
    """The breaches of the invariants I1 to I6, none when all hold; see `examine`."""
    return examine(place).breaches


def examine(place: Platform) -> Proof:
    """Proves the invariants of an installation.

    Args:
        place: the installation; nothing in it is changed.

    Returns:
        The finished proof: breaches, notes on leftovers, and how much was looked at.
    """
    with _workshop(place) as folder, connect(spill=str(folder)) as local:
        proof = Proof(local)
        # 1. What lies there, then what the store says at one moment.
        listed = _list(place.objects)
        take_snapshot(place.engine, local, folder)
        # 2. Every file: the ledger, the bytes, and what they say when they are read again.
        standards, dossiers = _prove_loads(proof, place, folder)
        _prove_files(proof, place.objects, listed)
        # 3. Every row has its one outcome, every accepted form its one judgement.
        show_archive(local, folder)
        for name in ("i1_rows", "i1_numbering", "i1_judgements", "i1_appended", "i1_outcomes", "i1_dossiers",
                     "i1_corrections"):  # fmt: skip
            proof.check(name)
        # 4. Who is who follows from the forms, and every person is the fold of its forms.
        evidence = {load_no: folder / f"evidence-{load_no}.arrow" for load_no in standards}
        prove_linkage(proof, evidence=evidence, model=place.linkage_model, folder=folder)
        prove_persons(
            proof,
            standards=standards,
            trusts=_trusts(proof, place),
            gazetteer=place.reference.gazetteer,
            folder=folder,
        )
        prove_numbers(proof, standards=standards, gazetteer=place.reference.gazetteer, folder=folder)
        # 5. Every card is in one batch, every batch whole.
        prove_cards(proof, place.objects, outbox=listed[OUTBOX], sealed=listed[SEALED])
        # 6. Nothing personal where it does not belong.
        suspects = _collect_suspects(place, listed)
        forms = [*standards.values(), *dossiers.values()]
        prove_privacy(proof, suspects, standards=forms, public=lambda: _public_names(place), folder=folder)
        # 7. What was looked at, and what a killed run left.
        _count(proof)
        _note_leftovers(proof, place, listed)
    return proof


@contextmanager
def _workshop(place: Platform) -> Iterator[Path]:
    """A private folder for the copies that the proof works on, gone when it ends."""
    place.settings.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="verify-", dir=place.settings.scratch) as folder:
        yield Path(folder)


def _list(objects: Objects) -> dict[str, list[str]]:
    """Keys by what they are."""
    prefixes = (FILES, FORMS, OUTBOX, SEALED, "reports/", "returns/")
    return {prefix: [info.key for info in objects.list(prefix)] for prefix in prefixes}


# -- files and loads -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _File:
    file_id: int
    file_no: int
    name: str
    encoding: str | None
    sha256: str
    state: str
    kind: str


def _prove_loads(proof: Proof, place: Platform, folder: Path) -> tuple[dict[int, Path], dict[int, Path]]:
    """Proves each load's files against the archive; load_no → archived forms, and dossiers, of those that are whole."""
    for name in ("i1_files", "i1_loads", "i1_nights"):
        proof.check(name)
    write_no_rows(folder / "rows-0.parquet")
    files = _files_of_loads(proof)
    standards: dict[int, Path] = {}
    dossiers: dict[int, Path] = {}
    for load_no, load_id in proof.local.execute("SELECT load_no, load_id FROM store.load ORDER BY load_no").fetchall():
        mine = files[load_no]
        if load_identity((file.sha256, file.file_id) for file in mine) != load_id:
            proof.add("I1", f"file, load {load_no}", "1 load is not made of the files that the ledger gives it")
        of_dossiers = any(file.kind == DOSSIERS.name for file in mine)
        names = PARTS if of_dossiers else (*PARTS, EVIDENCE)
        parts = _parts(proof, place, load_id, names, folder / f"load-{load_no}")
        if parts and _prove_load(proof, place, mine, parts, load_no=load_no, folder=folder):
            (dossiers if of_dossiers else standards)[load_no] = parts["standard.parquet"]
    return standards, dossiers


def _files_of_loads(proof: Proof) -> dict[int, list[_File]]:
    rows = proof.local.execute(
        "SELECT load_no, file_id, file_no, name, encoding, coalesce(sha256, ''), state, kind"
        " FROM store.file WHERE load_no IS NOT NULL AND file_no IS NOT NULL ORDER BY load_no, file_no"
    ).fetchall()
    files: dict[int, list[_File]] = defaultdict(list)
    for load_no, *columns in rows:
        files[load_no].append(_File(*columns))
    return files


def _parts(proof: Proof, place: Platform, load_id: str, names: Sequence[str], folder: Path) -> dict[str, Path]:
    """The load's parts as local files."""
    parts = {}
    for name in names:
        try:
            parts[name] = place.archived(load_id, name, folder)
        except ObjectMissing:
            proof.add("I1", f"{FORMS}{load_id}/{name}", "1 part of a load is missing")
            return {}
    return parts


def _prove_load(
    proof: Proof, place: Platform, files: Sequence[_File], parts: dict[str, Path], *, load_no: int, folder: Path
) -> bool:
    """Writes down the load's rows, and reads its files again; whether its archived forms can be used."""
    held = [file.file_no for file in files if file.state == "held"]
    again = folder / "again"
    again.mkdir()
    try:
        write_rows(parts, folder / f"rows-{load_no}.parquet", load_no=load_no, held=held)
        told = _read_again(proof, place.objects, files, again)
        for file_no, rows in differing_files(proof.local, read=again, parts=parts).items():
            if file_no in told:
                where = f"{FORMS}, load {load_no}, file {told[file_no]}"
                proof.add("I1", where, f"{rows} rows or more are not those of the archived bytes")
        if EVIDENCE in parts:
            _prove_evidence(proof, place, parts, load_no=load_no, folder=folder)
    except (duckdb.Error, pa.ArrowException):
        (folder / f"rows-{load_no}.parquet").unlink(missing_ok=True)
        proof.add("I1", f"{FORMS}, load {load_no}", "1 load's archived forms cannot be read")
        return False
    finally:
        shutil.rmtree(again)
    return True


def _prove_evidence(proof: Proof, place: Platform, parts: dict[str, Path], *, load_no: int, folder: Path) -> None:
    """Makes the load's evidence anew, `<folder>/evidence-<load_no>.arrow`, and compares it with the archived one."""
    fresh = folder / f"evidence-{load_no}.arrow"
    write_fresh_evidence(
        parts["standard.parquet"],
        folder / f"rows-{load_no}.parquet",
        fresh,
        model=place.linkage_model,
        gazetteer=place.reference.gazetteer,
    )
    differ = differing_evidence(proof.local, fresh=fresh, archived=parts[EVIDENCE])
    if differ:
        proof.add("I2", f"{FORMS}, load {load_no}", f"{differ} rows or more of the evidence are not what the forms say")


def _read_again(proof: Proof, objects: Objects, files: Sequence[_File], folder: Path) -> dict[int, int]:
    """Reads the archived bytes of taken and held files into `folder`; returns file_no → file_id of those compared."""
    sound: list[FileToRead] = []
    for file in files:
        path = _bytes_of(proof, objects, file, folder)
        if path and file.state in ("taken", "held"):
            sound.append(FileToRead(file.file_no, path, file.name, file.encoding))
    try:
        read_load(sound, folder, kind=KINDS[files[0].kind] if files else REGISTERS)
    except SenderError:
        proof.add("I1", FILES, "1 load has a file that can no longer be read")
        return {}
    compared = {file.file_no for file in sound}
    return {file.file_no: file.file_id for file in files if file.file_no in compared or file.state == "refused"}


def _bytes_of(proof: Proof, objects: Objects, file: _File, folder: Path) -> Path | None:
    """The archived bytes as a local file, if they are what the ledger says."""
    key = f"{FILES}{file.sha256}"
    path = objects.local_path(key) if file.sha256 else None
    try:
        fetched = objects.fetch(key, None if path else folder / file.sha256)
    except ObjectMissing:
        proof.add("I1", f"{FILES}, file {file.file_id}", "1 file's bytes are missing")
        return None
    if fetched.sha256 != file.sha256:
        proof.add("I1", f"{FILES}, file {file.file_id}", "1 file's bytes are not those that were received")
        return None
    return path or folder / file.sha256


def _prove_files(proof: Proof, objects: Objects, listed: dict[str, list[str]]) -> None:
    """The archive and the ledger name the same bytes; those of files without a load are hashed here."""
    rows = proof.local.execute("SELECT sha256, bool_or(load_no IS NOT NULL) FROM store.file GROUP BY sha256").fetchall()
    ledger: dict[str, bool] = {sha256: hashed for sha256, hashed in rows if sha256}
    archived = {key.removeprefix(FILES) for key in listed[FILES]}
    for sha256, hashed in ledger.items():
        if not hashed and (
            not objects.exists(f"{FILES}{sha256}") or objects.fetch(f"{FILES}{sha256}", None).sha256 != sha256
        ):
            proof.add(
                "I1", f"{FILES}{sha256[:12]}…", "1 file without a load has other bytes than were received, or none"
            )
    strangers = archived - set(ledger)
    landed = {objects.fetch(info.key, None).sha256 for info in objects.list("landing/")} if strangers else set()
    for sha256 in sorted(strangers - landed):
        proof.add("I1", f"{FILES}{sha256[:12]}…", "1 file's bytes are named by no row of the table file")
    if strangers & landed:
        proof.notes.append(
            f"{len(strangers & landed)} landed files are archived and not yet in the ledger: run the night"
        )


def _trusts(proof: Proof, place: Platform) -> pa.Table:
    """file_id, trust of its sender."""
    rows: list[tuple[int, str]] = proof.local.execute(
        "SELECT file_id, sender FROM store.file WHERE state = 'taken'"
    ).fetchall()
    trust = {sender: place.sources.trust(sender) for sender in {sender for _, sender in rows}}
    return pa.table(
        {
            "file_id": pa.array([file_id for file_id, _ in rows], pa.int64()),
            "trust": pa.array([trust[sender] for _, sender in rows], pa.int32()),
        }
    )


# -- nothing personal where it does not belong ---------------------------------------------------------


def _collect_suspects(place: Platform, listed: dict[str, list[str]]) -> Suspects:
    """Looks through reports, logs, Prefect's database and the names of objects."""
    suspects = Suspects()
    for prefix, keys in listed.items():
        suspects.look(f"names under {prefix}", "\n".join(key.rpartition("/")[2] for key in keys))
    for key in listed["reports/"]:
        if key.endswith(_READABLE):
            suspects.look(key, place.objects.read_bytes(key).decode("utf-8", "replace"))
    for path in _logs(place.settings.root):
        suspects.look(f"log {path.name}", path.read_text("utf-8", "replace"))
    _look_into_prefect(suspects, place.settings.root / "prefect" / "prefect.db")
    return suspects


def _logs(root: Path) -> list[Path]:
    return [path for folder in ("logs", "postgres", "prefect") for path in sorted((root / folder).glob("*.log*"))]


def _look_into_prefect(suspects: Suspects, database: Path) -> None:
    """All texts of Prefect's own database, where it is the file that a single machine has."""
    if not database.exists():
        return
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as prefect:
        tables = prefect.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            for column in prefect.execute(f'PRAGMA table_info("{table}")').fetchall():
                texts: Any = prefect.execute(
                    f'SELECT "{column[1]}" FROM "{table}" WHERE typeof("{column[1]}") = \'text\''
                )
                while rows := texts.fetchmany(1_000):
                    suspects.look(f"Prefect's table {table}, column {column[1]}", "\n".join(row[0] for row in rows))
    prefect.close()


def _public_names(place: Platform) -> list[str]:
    """Names of places; many are named after somebody."""
    gazetteer = place.reference.gazetteer
    return [unit.full_name for state in gazetteer.states for unit in state.units.values()]


# -- what was looked at --------------------------------------------------------------------------------


def _count(proof: Proof) -> None:
    counted = {
        "files": "SELECT count(*) FROM store.file",
        "rows": "SELECT count(*) FROM store.received_row",
        "forms": "SELECT count(*) FROM archive.form",
        "persons": "SELECT count(*) FROM store.person",
    }
    proof.counts = {
        what: int(proof.local.execute(query).fetchall()[0][0]) for what, query in counted.items()
    } | proof.counts


def _note_leftovers(proof: Proof, place: Platform, listed: dict[str, list[str]]) -> None:
    """A killed run leaves folders that the store knows nothing of: no breach, housekeeping clears what is scratch."""
    loads = {row[0] for row in proof.local.execute("SELECT load_id FROM store.load").fetchall()}
    strangers = {key.removeprefix(FORMS).split("/")[0] for key in listed[FORMS]} - loads
    if strangers:
        proof.notes.append(f"{len(strangers)} folders of {FORMS} are of loads that were never merged")
    scratch = [path for path in place.settings.scratch.iterdir() if _LOAD_ID.fullmatch(path.name)]
    if scratch:
        proof.notes.append(f"{len(scratch)} scratch folders are of a run that goes on or was ended")
