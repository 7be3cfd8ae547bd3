"""The manifest of a hand-off batch, `dancu.cards/2`: written last, signed, and the hash of the one before it in it."""

import datetime as dt
import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from registry.sealing.fields import (
    is_centre,
    is_count,
    is_day,
    is_hash_total,
    is_key_id,
    is_moment,
    is_or_null,
    is_sequence,
    is_sha256,
    read_object,
)
from registry.sealing.reasons import Reason, Refused
from registry.sealing.seal import Digest, Sealed

SCHEMA = "dancu.cards/2"

#: Names of a batch's files, in the order in which they are written.
CARDS, SIGNATURE, MANIFEST = "cards.jsonl.age", "manifest.json.sig", "manifest.json"

#: Bytes that a manifest may have.
LARGEST = 64 * 1024


def batch_folder(centre: str, sequence: int) -> str:
    """Where a batch lies in the object store."""
    return f"outbox/cards/{centre}/{sequence:06d}"


def manifest_sha256(content: bytes) -> str:
    """What names a batch in the next manifest and in answers: the SHA-256 of its manifest's bytes."""
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class Manifest:
    """What a batch is.

    Attributes:
        centre: code of the production centre that it is for.
        sequence: 1, 2, 3 … for each centre, without a gap.
        previous: SHA-256 of the bytes of the manifest before it; None for the first.
        business_date: of the night that decided it.
        count: lines of the plain file, one a dossier.
        hash_total: of their dossiers (`registry.sealing.hash_totals`).
        files: the plain and the sealed file.
        recipients: ids of the keys that it is sealed to.
        signed_by: id of the key that its manifest is signed with.
        made_at: when it was decided, with its zone.
    """

    centre: str
    sequence: int
    previous: str | None
    business_date: dt.date
    count: int
    hash_total: str
    files: Sealed
    recipients: tuple[str, ...]
    signed_by: str
    made_at: dt.datetime

    def to_bytes(self) -> bytes:
        """The file: JSON with its fields in this order. The same manifest gives the same bytes."""
        stated = {
            "schema": SCHEMA,
            "centre": self.centre,
            "sequence": self.sequence,
            "previous": self.previous,
            "business_date": self.business_date.isoformat(),
            "count": self.count,
            "hash_total": self.hash_total,
            "plain": asdict(self.files.plain),
            "sealed": asdict(self.files.sealed),
            "recipients": list(self.recipients),
            "signed_by": self.signed_by,
            "made_at": self.made_at.isoformat(),
        }
        return json.dumps(stated, indent=2).encode() + b"\n"


def read_manifest(content: bytes) -> Manifest:
    """Reads a manifest strictly; its signature and its place in the chain are for the caller to prove.

    Raises:
        Refused: `too_large`, `not_utf8`, `not_json`, `unknown_schema`, `missing_field` or `bad_field`.
    """
    stated = read_object(content, what="the manifest", schema=SCHEMA, fields=_FIELDS, at_most=LARGEST)
    if (stated["sequence"] == 1) != (stated["previous"] is None):
        raise Refused(
            Reason.BAD_FIELD,
            "the field previous of the manifest must be null in batch 1, and there only",
        )
    return Manifest(
        centre=stated["centre"],
        sequence=stated["sequence"],
        previous=stated["previous"],
        business_date=dt.date.fromisoformat(stated["business_date"]),
        count=stated["count"],
        hash_total=stated["hash_total"],
        files=Sealed(_digest(stated["plain"]), _digest(stated["sealed"])),
        recipients=tuple(stated["recipients"]),
        signed_by=stated["signed_by"],
        made_at=dt.datetime.fromisoformat(stated["made_at"]),
    )


def _digest(stated: dict[str, Any]) -> Digest:
    return Digest(stated["sha256"], stated["size"])


def _is_digest(value: Any) -> bool:
    return isinstance(value, dict) and is_sha256(value.get("sha256")) and is_count(value.get("size"))


def _are_key_ids(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(is_key_id, value))


_FIELDS = {
    "centre": is_centre,
    "sequence": is_sequence,
    "previous": is_or_null(is_sha256),
    "business_date": is_day,
    "count": is_count,
    "hash_total": is_hash_total,
    "plain": _is_digest,
    "sealed": _is_digest,
    "recipients": _are_key_ids,
    "signed_by": is_key_id,
    "made_at": is_moment,
}
