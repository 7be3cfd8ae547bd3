"""Taking batches: each in its order, proved from its signature to its last line, before anything of it counts."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from centre.house import House, today
from centre.state import State
from registry.objects import ObjectMissing
from registry.sealing.hash_totals import DOSSIER, hash_total
from registry.sealing.keys import REGISTER
from registry.sealing.manifest import (
    CARDS,
    MANIFEST,
    SIGNATURE,
    Manifest,
    batch_folder,
    manifest_sha256,
    read_manifest,
)
from registry.sealing.reasons import Reason, Refused
from registry.sealing.seal import unseal
from registry.sealing.signatures import verify

#: Bytes that are read of a manifest or a signature before it is known that they are too many.
_MOST = 16 * 1024 * 1024


@dataclass(frozen=True)
class Batch:
    """A batch that stands in the outbox with its manifest, the last of its files.

    Attributes:
        sequence: the number of its folder.
        manifest_sha256: of its manifest as it stands there.
        made_at: as the manifest says; of a damaged batch, when it was looked at.
        damage: why it cannot be taken; None where its lines lie in the state's table `read_dossier`.
        seen: what was looked at, in short: another look is worth while only when it differs.
    """

    sequence: int
    manifest_sha256: str
    made_at: dt.datetime
    damage: Reason | None = None
    seen: str = ""


def next_batch(house: House, state: State) -> Batch | None:
    """Proves and opens the batch that comes next; None where there is none yet.

    A batch whose predecessor is missing is damaged by a gap: it is taken when the missing one has come.
    """
    last = state.value("SELECT max(sequence) FROM batch") or 0
    standing = _standing(house)
    waiting = min((sequence for sequence in standing if sequence > last), default=None)
    if waiting is None:
        return None
    content, signature = _small_files(house, waiting)
    sha256 = manifest_sha256(content)
    try:
        manifest = _prove(content, signature, waiting, house, state)
        _open(manifest, house, state)
    except Refused as refused:
        seen = _seen(refused.reason, content, signature, standing[waiting])
        return Batch(waiting, sha256, dt.datetime.now(dt.UTC), refused.reason, seen)
    return Batch(waiting, sha256, manifest.made_at)


def _standing(house: House) -> dict[int, str]:
    """Batches with a manifest → the version of their sealed file, empty where there is none."""
    prefix = batch_folder(house.centre, 0).removesuffix("000000")
    found: dict[int, dict[str, str]] = {}
    for one in house.objects.list(prefix):
        number, _, name = one.key.removeprefix(prefix).partition("/")
        if number.isdecimal():
            found.setdefault(int(number), {})[name] = one.version
    return {number: files.get(CARDS, "") for number, files in found.items() if MANIFEST in files}


def _small_files(house: House, sequence: int) -> tuple[bytes, bytes | None]:
    folder = batch_folder(house.centre, sequence)
    content = house.objects.read_bytes(f"{folder}/{MANIFEST}", at_most=_MOST)
    try:
        return content, house.objects.read_bytes(f"{folder}/{SIGNATURE}", at_most=_MOST)
    except ObjectMissing:
        return content, None


def _prove(content: bytes, signature: bytes | None, sequence: int, house: House, state: State) -> Manifest:
    """The manifest, if it is the register's, for this centre, and follows the one that was taken last."""
    previous = state.value("SELECT manifest_sha256 FROM batch WHERE sequence = $before", before=sequence - 1)
    if sequence > 1 and previous is None:
        raise Refused(Reason.GAP, "a batch before it is missing")
    key = verify(content, signature, house.keys.read(), owner=REGISTER, day=today())
    manifest = read_manifest(content)
    for right, reason in (
        (manifest.signed_by == key.key_id, Reason.BAD_FIELD),
        (manifest.centre == house.centre, Reason.WRONG_CENTRE),
        (manifest.sequence == sequence, Reason.WRONG_SEQUENCE),
        (manifest.previous == previous, Reason.BROKEN_CHAIN),
    ):
        if not right:
            raise Refused(reason, "the manifest does not belong where it stands")
    return manifest


def _open(manifest: Manifest, house: House, state: State) -> None:
    """The batch's lines into the state's table `read_dossier`, if they are those of the manifest."""
    identities = house.keys.identities(house.centre, day=today())
    sealed, plain = (house.folder("work") / name for name in (CARDS, "cards.jsonl"))
    with _gone_afterwards(sealed, plain):
        try:
            house.objects.fetch(f"{batch_folder(house.centre, manifest.sequence)}/{CARDS}", sealed)
        except ObjectMissing:
            raise Refused(Reason.SEALED_DIFFERS, "there is no sealed file") from None
        unseal(sealed, plain, identities, expect=manifest.files)
        _read_lines(plain, manifest, state)


def _read_lines(plain: Path, manifest: Manifest, state: State) -> None:
    try:
        state.run("read_lines", file=str(plain))
        state.run("read_dossiers")
    except duckdb.Error:
        raise Refused(Reason.BAD_LINE, "a line is no JSON object") from None
    if state.value("SELECT count(*) FROM read_dossier") != manifest.count:
        raise Refused(Reason.BAD_COUNT, "there are more or fewer lines than the manifest says")
    if state.value("count_strangers", pattern=DOSSIER):
        raise Refused(Reason.BAD_LINE, "a line names no dossier")
    if hash_total(state.table("SELECT dossier FROM read_dossier")["dossier"]) != manifest.hash_total:
        raise Refused(Reason.BAD_HASH_TOTAL, "the hash total is another than the manifest says")


@contextmanager
def _gone_afterwards(*paths: Path) -> Iterator[None]:
    """What is opened does not stay; what a killed run left goes first."""
    for path in paths:
        path.unlink(missing_ok=True)
    try:
        yield
    finally:
        for path in paths:
            path.unlink(missing_ok=True)


def _seen(reason: Reason, content: bytes, signature: bytes | None, version: str) -> str:
    parts = (reason.encode(), content, signature or b"", version.encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
