"""I3 and I4: what lies in the outbox is what the store says was handed off, whole, and each card once."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from registry.objects import ObjectMissing, Objects
from registry.proofs.breach import Proof

OUTBOX = "outbox/cards/"
_MEMBER = re.compile(r"outbox/cards/(\d{6})/(cards\.jsonl|manifest\.json)")


def prove_cards(proof: Proof, objects: Objects, *, listed: Iterable[str], folder: Path) -> None:
    """Proves batches and cards against the outbox.

    Args:
        proof: with the schema `store`.
        objects: the object store.
        listed: keys under `OUTBOX` from before the snapshot, so that each batch among them was in the store by then.
        folder: scratch.
    """
    proof.check("i3_sequence")
    proof.check("i4_cards")
    batches = proof.local.execute(
        "SELECT sequence, business_date, cards, sha256, published FROM store.card_batch ORDER BY sequence"
    ).fetchall()
    _find_strangers(proof, listed, {int(batch[0]) for batch in batches})
    for sequence, date, cards, sha256, published in batches:
        manifest = {"sequence": sequence, "business_date": f"{date}", "count": cards, "sha256": sha256}
        _prove_manifest(proof, objects, manifest, published=published)
        _prove_lines(proof, objects, manifest, folder / "cards.jsonl")


def _find_strangers(proof: Proof, listed: Iterable[str], known: set[int]) -> None:
    """Batches that the store does not know. One without a manifest is no batch: a killed run left it."""
    for key in listed:
        found = _MEMBER.fullmatch(key)
        if not found:
            proof.add("I3", OUTBOX, "1 object is neither a batch's cards nor its manifest")
        elif int(found[1]) not in known and found[2] == "manifest.json":
            proof.add("I3", f"{OUTBOX}{found[1]}", "1 batch is published and not in card_batch")
        elif int(found[1]) not in known:
            proof.notes.append(f"{OUTBOX}{found[1]} is of a run that was ended: the next night writes it again")


def _prove_manifest(proof: Proof, objects: Objects, batch: dict[str, Any], *, published: bool) -> None:
    key = f"{OUTBOX}{batch['sequence']:06d}/manifest.json"
    if not published:
        proof.notes.append(f"batch {batch['sequence']} is decided and not yet published: the next night does it")
        return
    try:
        manifest = json.loads(objects.read_bytes(key))
        wrong = [name for name, value in batch.items() if manifest.get(name) != value]
    except (ObjectMissing, ValueError, AttributeError):
        proof.add("I3", key, "1 manifest is missing or no JSON object")
        return
    if wrong:
        proof.add("I3", key, f"{len(wrong)} statements ({', '.join(wrong)}) are not those of card_batch")


def _prove_lines(proof: Proof, objects: Objects, batch: dict[str, Any], copy: Path) -> None:
    key = f"{OUTBOX}{batch['sequence']:06d}/cards.jsonl"
    path = objects.local_path(key)
    try:
        fetched = objects.fetch(key, None if path else copy)
        if fetched.sha256 != batch["sha256"]:
            proof.add("I3", key, "1 file's SHA-256 is not that of card_batch")
        _compare_lines(proof, key, batch["sequence"], path or copy)
    except ObjectMissing:
        proof.add("I3", key, "1 file is missing")
    except duckdb.Error:
        proof.add("I3", key, "1 file cannot be read as JSON lines")
    finally:
        copy.unlink(missing_ok=True)


def _compare_lines(proof: Proof, key: str, sequence: int, path: Path) -> None:
    missing, strange, lines, persons = proof.local.execute(
        """
        WITH line AS (SELECT person_id FROM read_ndjson(?, columns = {person_id: 'VARCHAR'})),
             asked AS (SELECT person_id FROM store.card WHERE sequence = ?)
        SELECT (SELECT count(*) FROM asked ANTI JOIN line USING (person_id)),
               (SELECT count(*) FROM line ANTI JOIN asked USING (person_id)),
               (SELECT count(*) FROM line), (SELECT count(DISTINCT person_id) FROM line)
        """,
        [str(path), sequence],
    ).fetchall()[0]
    proof.counts["cards"] = proof.counts.get("cards", 0) + lines
    if missing:
        proof.add("I4", key, f"{missing} cards of the table card are not in the file")
    if strange:
        proof.add("I4", key, f"{strange} lines are for nobody in the table card")
    if lines != persons:
        proof.add("I4", key, f"{lines - persons} lines ask for a person a second time")
