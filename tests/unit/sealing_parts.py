"""Two parties with keys, a batch and answers between them, all made up."""

import datetime as dt
import io
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from registry.sealing.answers import Header
from registry.sealing.hash_totals import hash_total
from registry.sealing.key_folder import KeyFolder, Signer, read_identity
from registry.sealing.keys import ESCROW, REGISTER, SEALING, SIGNING, Key, Keys
from registry.sealing.manifest import Manifest
from registry.sealing.seal import Sealed, seal
from registry.sealing.signatures import sign

DAY = dt.date(2021, 7, 1)
MADE_AT = dt.datetime(2021, 7, 1, 2, 0, tzinfo=dt.timezone(dt.timedelta(hours=7)))
CENTRE = "national"
PLAIN = b'{"dossier": "made up"}\n' * 9_000
DOSSIERS = tuple(str(uuid.UUID(int=number << 64 | number)) for number in (1, 2**63, 2**64 - 3))


@dataclass(frozen=True)
class Parties:
    """The register and a centre, who know each other; the escrow's identity lies apart."""

    register: KeyFolder
    centre: KeyFolder
    escrow_key: Path

    @classmethod
    def at(cls, folder: Path) -> "Parties":
        register, centre = KeyFolder(folder / "register"), KeyFolder(folder / "centre")
        escrow = register.make(ESCROW, SEALING, day=DAY, private_in=folder / "escrow")
        centre.add(register.make(REGISTER, SIGNING, day=DAY), day=DAY)
        for purpose in (SEALING, SIGNING):
            register.add(centre.make(CENTRE, purpose, day=DAY), day=DAY)
        return cls(register, centre, folder / "escrow" / f"{escrow.key_id}.key")

    @property
    def recipients(self) -> list[Key]:
        keys = self.register.read()
        return [keys.active(owner, SEALING, DAY) for owner in (CENTRE, ESCROW)]

    @property
    def known(self) -> Keys:
        """The keys that the register knows."""
        return self.register.read()

    @property
    def signer(self) -> Signer:
        """Who signs the centre's answers."""
        return self.centre.signer(CENTRE, day=DAY)

    def sealed(self, to: Path, plain: bytes = PLAIN) -> Sealed:
        return seal(io.BytesIO(plain), to, self.recipients)

    def identities(self) -> dict[str, list[Any]]:
        return {
            "centre": self.centre.identities(CENTRE, day=DAY),
            "escrow": [read_identity(self.escrow_key)],
        }


def manifest_of(sealed: Sealed, **other: Any) -> Manifest:
    whole = Manifest(CENTRE, 1, None, DAY, 3, "17", sealed, ("a" * 16, "b" * 16), "c" * 16, MADE_AT)
    return replace(whole, **other)


def header_of(kind: str, lines: Sequence[dict[str, Any]], signer: Signer, **other: Any) -> Header:
    named = [line["dossier"] for line in lines if "dossier" in line]
    unbound = kind == "shipment"
    return replace(
        Header(
            centre=CENTRE,
            kind=kind,
            sequence=1,
            batch=None if unbound else 7,
            manifest_sha256=None if unbound else "d" * 64,
            count=len(lines),
            hash_total=hash_total(pa.chunked_array([named], pa.string())),
            made_at=MADE_AT,
            signed_by=signer.key_id,
            result="ok" if kind == "receipt" else None,
        ),
        **other,
    )


def answer_bytes(header: Header, lines: Sequence[dict[str, Any]]) -> bytes:
    return header.to_bytes() + b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def write_answer(path: Path, content: bytes, signer: Signer) -> bytes:
    """Writes an answer; returns its signature."""
    path.write_bytes(content)
    return sign(content, signer)
