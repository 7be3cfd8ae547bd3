"""Hand off: dossiers that wait go to the production centre in one sealed and signed batch, each once.

The order of writing is the protocol (`docs/reference/card-protocol.md`): the sealed file into the archive, then the
store's commit, then the outbox, the manifest last. A batch without a manifest is no batch, so the centre sees all of it
or nothing; a run that was killed in between leaves a batch that the next one publishes as it was decided.
"""

import datetime as dt
import io
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, text

from config.card_fields import layout_on, printed_texts
from config.centre import CENTRE
from registry.bulk import ahead, stream_out
from registry.cards.holds import follow_reviews
from registry.cards.lines import ASKED, Issue, card_lines
from registry.database import load_sql, look_up, reading
from registry.errors import UsageError
from registry.sealing.hash_totals import hash_total
from registry.sealing.key_folder import Signer
from registry.sealing.keys import ESCROW, REGISTER, SEALING, SIGNING
from registry.sealing.manifest import CARDS, MANIFEST, SIGNATURE, Manifest, batch_folder, manifest_sha256
from registry.sealing.seal import Sealed, seal
from registry.sealing.signatures import sign
from tasks.platform import TIME_ZONE, Platform, platform, today
from tasks.verb import verb


@verb
def hand_off(date: dt.date) -> dict[str, int]:
    """Hands the night's batch to the card centre; returns how many batches and cards were asked for."""
    return hand_off_cards(platform(), date=date)


def hand_off_cards(place: Platform, *, date: dt.date) -> dict[str, int]:
    """Publishes what an earlier run decided and could not publish, then decides and publishes tonight's batch.

    Returns:
        `batches`, `cards`, and `waiting`: dossiers that no batch asks for, being on hold or without a key to seal to.
    """
    _publish_decided(place)
    with place.engine.begin() as store:
        follow_reviews(store, date=date)
    cards = _decide(place, date) if _has_keys(place) else 0
    _publish_decided(place)
    with place.engine.begin() as store:
        waiting = store.scalar(text("SELECT count(*) FROM card WHERE state = 'captured'"))
    return {"batches": int(cards > 0), "cards": cards, "waiting": int(waiting or 0)}


def _has_keys(place: Platform) -> bool:
    """Whether there is somebody to seal to, and a key to sign with: until then dossiers wait."""
    keys = place.keys.read()
    try:
        needed = ((CENTRE, SEALING), (ESCROW, SEALING), (REGISTER, SIGNING))
        return all(keys.active(owner, purpose, today()) for owner, purpose in needed)
    except UsageError:
        return False


def _decide(place: Platform, date: dt.date) -> int:
    """Seals what waits, and notes the batch in the store; how many cards it asks for."""
    scratch = place.settings.scratch / "hand-off"
    scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    with place.engine.begin() as store, reading(place.engine) as view:
        # Nobody else may write cards until this ends: one that is put on hold meanwhile would be handed off.
        store.execute(text("LOCK TABLE card IN SHARE ROW EXCLUSIVE MODE"))
        look_up(store)
        batch = _Batch(
            number=store.scalar(text(load_sql("hand_off", "next_batch"))),
            date=date,
            decided_at=dt.datetime.now(TIME_ZONE).replace(microsecond=0),
        )
        sealed_file = scratch / CARDS
        keys = place.keys.read()
        recipients = [keys.active(owner, SEALING, today()) for owner in (CENTRE, ESCROW)]
        with _lines(place, view, date) as lines:
            sealed = seal(io.BufferedReader(_Stream(_handed_off(store, batch, lines))), sealed_file, recipients)
        if sealed.plain.size:
            signer = place.keys.signer(REGISTER, day=today())
            manifest = _manifest(store, batch, sealed)
            signed = replace(manifest, recipients=tuple(key.key_id for key in recipients), signed_by=signer.key_id)
            _note(store, batch, signed, signer)
            place.objects.put(_archived(sealed.sealed.sha256), sealed_file)
        sealed_file.unlink()
    return batch.count


@dataclass(frozen=True)
class _Batch:
    """A batch while it is made.

    Attributes:
        number: the store's own.
        date: the business date.
        decided_at: when its cards are handed off.
        dossiers: ids, in the order of its lines.
    """

    number: int
    date: dt.date
    decided_at: dt.datetime
    dossiers: list[pa.Array] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(map(len, self.dossiers))


@contextmanager
def _lines(place: Platform, view: Connection, date: dt.date) -> Iterator[Iterator[tuple[pa.Array, bytes]]]:
    """Dossiers that wait, and their lines: read, made, and handed on each in a thread of its own.

    Whatever goes wrong in one of them, the others have ended when this does: one that still read from `view` would keep
    its transaction from ending.
    """
    issue = Issue(date, layout_on(date), printed_texts(), place.reference.gazetteer)
    with (
        closing(stream_out(view, load_sql("hand_off", "asked"), ASKED)) as batches,
        closing(ahead(batches)) as asked,
        closing(ahead(card_lines(asked, issue))) as lines,
    ):
        yield lines


def _handed_off(store: Connection, batch: _Batch, lines: Iterator[tuple[pa.Array, bytes]]) -> Iterator[bytes]:
    """The lines, while it is noted of their dossiers that they are handed off."""
    for dossiers, some in lines:
        values = {
            "dossiers": f"{{{','.join(dossiers.to_pylist())}}}",
            "decided_at": batch.decided_at,
            "batch_no": batch.number,
            "date": batch.date,
        }
        store.execute(text(load_sql("hand_off", "move_cards")), values)
        batch.dossiers.append(dossiers)
        yield some


def _manifest(store: Connection, batch: _Batch, sealed: Sealed) -> Manifest:
    """What the batch is, but for the keys; it follows the last one of the centre."""
    last = store.execute(text(load_sql("hand_off", "last_batch")), {"centre": CENTRE}).one_or_none()
    return Manifest(
        centre=CENTRE,
        sequence=last.sequence + 1 if last else 1,
        previous=last.manifest_sha256 if last else None,
        business_date=batch.date,
        count=batch.count,
        hash_total=hash_total(pa.chunked_array(batch.dossiers)),
        files=sealed,
        recipients=(),
        signed_by="",
        made_at=batch.decided_at,
    )


def _note(store: Connection, batch: _Batch, manifest: Manifest, signer: Signer) -> None:
    """Writes the batch down."""
    content = manifest.to_bytes()
    values: dict[str, Any] = {
        "batch_no": batch.number,
        "centre": manifest.centre,
        "sequence": manifest.sequence,
        "business_date": manifest.business_date,
        "dossiers": manifest.count,
        "hash_total": manifest.hash_total,
        "sealed_sha256": manifest.files.sealed.sha256,
        "manifest": content.decode(),
        "manifest_sha256": manifest_sha256(content),
        "signature": sign(content, signer).decode(),
        "decided_at": manifest.made_at,
    }
    store.execute(text(load_sql("hand_off", "insert_batch")), values)


def _publish_decided(place: Platform) -> None:
    """Puts decided batches that are not there yet into the outbox."""
    with place.engine.begin() as store:
        for batch in store.execute(text(load_sql("hand_off", "decided"))).mappings().all():
            publish(place, dict(batch))
            store.execute(
                text("UPDATE card_batch SET published_at = now() WHERE batch_no = :batch_no"),
                {"batch_no": batch["batch_no"]},
            )


def publish(place: Platform, batch: dict[str, Any]) -> None:
    """Puts a batch into the outbox, the manifest last; doing it again puts the same bytes there."""
    folder = batch_folder(batch["centre"], batch["sequence"])
    sealed = place.settings.scratch / f"publish-{batch['sealed_sha256']}"
    sealed.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    here = place.objects.local_path(_archived(batch["sealed_sha256"]))
    if here is None:
        place.objects.fetch(_archived(batch["sealed_sha256"]), sealed)
    place.objects.put(f"{folder}/{CARDS}", here or sealed)
    place.objects.put_bytes(f"{folder}/{SIGNATURE}", batch["signature"].encode())
    place.objects.put_bytes(f"{folder}/{MANIFEST}", batch["manifest"].encode())
    sealed.unlink(missing_ok=True)


def resend(place: Platform, sequence: int) -> None:
    """Puts a published batch into the outbox again, byte for byte.

    Raises:
        UsageError: there is no such batch.
    """
    with place.engine.begin() as store:
        found = store.execute(text(load_sql("hand_off", "published")), {"centre": CENTRE, "sequence": sequence})
        batch = found.mappings().one_or_none()
    if batch is None:
        raise UsageError(f"batch {sequence} was not published: `dancu status` says how many there are")
    publish(place, dict(batch))


def _archived(sealed_sha256: str) -> str:
    return f"archive/cards/{sealed_sha256}.age"


class _Stream(io.RawIOBase):
    """Blocks of bytes, read as a file: what is sealed never lies on a disk in the clear."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._rest = blocks, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return 0
            self._rest = memoryview(block)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
