"""I3, I4 and I6 of cards: batches lie whole where the store says, and every card is the fold of what happened to it."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from registry.cards.life import CARDS, EVENTS, REFUSED, fold
from registry.fold import keep
from registry.objects import ObjectMissing, Objects
from registry.proofs.breach import Proof

OUTBOX, SEALED = "outbox/cards/", "archive/cards/"
_MEMBER = re.compile(r"outbox/cards/([a-z][a-z0-9-]*)/(\d{6,})/(cards\.jsonl\.age|manifest\.json|manifest\.json\.sig)")

#: Cards whose events are folded at once.
_BUCKETS = 16


@dataclass(frozen=True)
class _Batch:
    """A batch as the store has it; `previous` is the SHA-256 of the manifest before it."""

    centre: str
    sequence: int
    sealed_sha256: str
    manifest: str
    manifest_sha256: str
    signature: str
    published: bool
    previous: str | None

    @property
    def folder(self) -> str:
        return f"{OUTBOX}{self.centre}/{self.sequence:06d}"

    @property
    def archived(self) -> str:
        return f"{SEALED}{self.sealed_sha256}.age"


def prove_cards(proof: Proof, objects: Objects, *, outbox: Iterable[str], sealed: Iterable[str]) -> None:
    """Proves dossiers, cards and batches.

    Args:
        proof: with the schema `store`.
        objects: the object store.
        outbox: keys under `OUTBOX` from before the snapshot: each batch among them was in the store by then.
        sealed: keys under `SEALED`.
    """
    _fold_cards(proof)
    for name in ("i3_sequence", "i4_cards", "i4_batches", "i6_cards", "i6_parked"):
        proof.check(name)
    rows = proof.local.execute(
        "SELECT centre, sequence, sealed_sha256, manifest, manifest_sha256, signature, published,"
        " lag(manifest_sha256) OVER (PARTITION BY centre ORDER BY sequence) FROM store.card_batch"
        " ORDER BY centre, sequence"
    ).fetchall()
    batches = [_Batch(*row) for row in rows]
    _find_strangers(proof, outbox, {batch.folder for batch in batches})
    if left := set(sealed) - {batch.archived for batch in batches}:
        proof.notes.append(f"{len(left)} sealed files of {SEALED} are of runs that were killed before they decided")
    for batch in batches:
        _prove_manifest(proof, batch)
        _prove_files(proof, objects, batch)
    proof.counts["cards"] = int(proof.local.execute("SELECT count(*) FROM store.card").fetchall()[0][0])


def _fold_cards(proof: Proof) -> None:
    """Creates `fresh_card` and `refused_event`: what all events come to when they are folded anew."""
    keep(proof.local, "fresh_card", CARDS.empty_table())
    keep(proof.local, "refused_event", REFUSED.empty_table())
    for bucket in range(_BUCKETS):
        events = proof.local.execute(
            "FROM store.card_event WHERE hash(dossier_id) % ? = ?", [_BUCKETS, bucket]
        ).to_arrow_table()
        folded = fold(events.select(EVENTS.names).cast(EVENTS))
        for name, rows in (("fresh_card", folded.cards), ("refused_event", folded.refused)):
            _append(proof, name, rows)


def _append(proof: Proof, name: str, rows: pa.Table) -> None:
    proof.local.register("folded", rows)
    proof.local.execute(f"INSERT INTO {name} BY NAME FROM folded")
    proof.local.unregister("folded")


def _find_strangers(proof: Proof, listed: Iterable[str], known: set[str]) -> None:
    """What lies in the outbox and is no batch's, or of a batch that the store does not know."""
    for key in listed:
        found = _MEMBER.fullmatch(key)
        if not found:
            proof.add("I3", OUTBOX, "1 object belongs to no batch")
        elif key.rpartition("/")[0] not in known:
            proof.add("I3", key.rpartition("/")[0], f"1 {found[3]} lies there and the batch is not in card_batch")


def _prove_manifest(proof: Proof, batch: _Batch) -> None:
    """The manifest is that of its row and follows the one before it."""
    if hashlib.sha256(batch.manifest.encode()).hexdigest() != batch.manifest_sha256:
        proof.add("I3", batch.folder, "1 manifest in card_batch is not the one of its SHA-256")
        return
    stated = json.loads(batch.manifest)
    wrong = [
        name
        for name, value, expected in (
            ("centre", stated["centre"], batch.centre),
            ("sequence", stated["sequence"], batch.sequence),
            ("previous", stated["previous"], batch.previous),
            ("sealed", stated["sealed"]["sha256"], batch.sealed_sha256),
        )
        if value != expected
    ]
    if wrong:
        proof.add(
            "I3", batch.folder, f"{len(wrong)} statements of the manifest are not the batch's: {', '.join(wrong)}"
        )


def _prove_files(proof: Proof, objects: Objects, batch: _Batch) -> None:
    """The archive has the sealed file, and so has the outbox, with the manifest and its signature, once published."""
    _prove_sealed(proof, objects, batch, batch.archived)
    if not batch.published:
        proof.notes.append(f"{batch.folder} is decided and not yet published: the next night does it")
        return
    _prove_sealed(proof, objects, batch, f"{batch.folder}/cards.jsonl.age")
    for name, expected in (("manifest.json", batch.manifest), ("manifest.json.sig", batch.signature)):
        try:
            if objects.read_bytes(f"{batch.folder}/{name}") != expected.encode():
                proof.add("I3", f"{batch.folder}/{name}", "1 file is not as it was published")
        except ObjectMissing:
            proof.add("I3", f"{batch.folder}/{name}", "1 file is missing")


def _prove_sealed(proof: Proof, objects: Objects, batch: _Batch, key: str) -> None:
    try:
        if objects.fetch(key, None).sha256 != batch.sealed_sha256:
            proof.add("I3", key, "1 file's SHA-256 is not that of card_batch")
    except ObjectMissing:
        proof.add("I3", key, "1 file is missing")
