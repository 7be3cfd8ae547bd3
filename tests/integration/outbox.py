"""A register made by hand: it hands batches off and reads what comes back, by the written protocol."""

import csv
import datetime as dt
import io
import json
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from centre.house import House, make_keys, trust
from registry.objects import Objects
from registry.objects_local import LocalObjects
from registry.sealing.answers import Answer, read_answer
from registry.sealing.hash_totals import hash_total
from registry.sealing.key_folder import KeyFolder
from registry.sealing.keys import ESCROW, REGISTER, SEALING, SIGNING, read_key
from registry.sealing.manifest import CARDS, MANIFEST, SIGNATURE, Manifest, batch_folder, manifest_sha256
from registry.sealing.seal import seal
from registry.sealing.signatures import SUFFIX, sign

CENTRE = "national"
MADE_AT = dt.datetime(2021, 7, 1, 2, 0, tzinfo=dt.timezone(dt.timedelta(hours=7)))
TODAY = dt.datetime.now(dt.UTC).date()


def lines(count: int, *, attempt: int = 1, start: int = 0) -> list[dict[str, Any]]:
    """Dossiers of made-up persons, as far as a centre goes by them."""
    return [
        {
            "dossier": str(uuid.UUID(int=(number * 2**65 + 977) % 2**128)),
            "attempt": attempt,
            "station": ("26734", "26740")[number % 2],
            "layout": "2021",
            "mrz": ["IDVNM" + "<" * 25, "<" * 30, "MAU<<THI" + "<" * 22],
        }
        for number in range(start, start + count)
    ]


@dataclass
class Register:
    """The register's side: what it has handed off, and its keys."""

    folder: Path
    objects: Objects
    manifests: list[bytes] = field(default_factory=list)

    @property
    def keys(self) -> KeyFolder:
        return KeyFolder(self.folder / "keys")

    def batch(self, dossiers: list[dict[str, Any]], **other: Any) -> Manifest:
        """Hands a batch off; `other` fields of its manifest are wrong on purpose."""
        sequence = len(self.manifests) + 1
        signer = self.keys.signer(REGISTER, day=TODAY)
        recipients = [self.keys.read().active(owner, SEALING, TODAY) for owner in (CENTRE, ESCROW)]
        plain = b"".join(json.dumps(line).encode() + b"\n" for line in dossiers)
        sealed = self.folder / "sealed"
        files = seal(io.BytesIO(plain), sealed, recipients)
        manifest = replace(
            Manifest(
                CENTRE, sequence, manifest_sha256(self.manifests[-1]) if self.manifests else None, MADE_AT.date(),
                len(dossiers), hash_total(pa.chunked_array([[line["dossier"] for line in dossiers]], pa.string())),
                files, tuple(key.key_id for key in recipients), signer.key_id, MADE_AT,
            ),
            **other,
        )  # fmt: skip
        content = manifest.to_bytes()
        folder = batch_folder(CENTRE, sequence)
        self.objects.put(f"{folder}/{CARDS}", sealed)
        self.objects.put_bytes(f"{folder}/{SIGNATURE}", sign(content, signer))
        self.objects.put_bytes(f"{folder}/{MANIFEST}", content)
        self.manifests.append(content)
        return manifest

    def answers(self) -> dict[str, Answer]:
        """Every answer that lies in the inbox, by its name; each is proved."""
        prefix = f"inbox/acks/{CENTRE}/"
        keys = [one.key for one in self.objects.list(prefix) if not one.key.endswith(SUFFIX)]
        return {key.removeprefix(prefix).removesuffix(".jsonl"): self._read(key) for key in keys}

    def _read(self, key: str) -> Answer:
        copy = self.folder / "answer"
        self.objects.fetch(key, copy)
        return read_answer(
            copy, self.objects.read_bytes(key + SUFFIX), self.keys.read(), centre=CENTRE, day=TODAY
        )  # fmt: skip

    def deliveries(self) -> list[dict[str, str]]:
        found: list[dict[str, str]] = []
        for one in self.objects.list("inbox/deliveries/"):
            text = self.objects.read_bytes(one.key).decode()
            found += [{**row, "office": one.key.split("/")[2]} for row in csv.DictReader(io.StringIO(text))]
        return found

    def inbox(self) -> dict[str, bytes]:
        return {one.key: self.objects.read_bytes(one.key) for one in self.objects.list("inbox/")}


def parties_at(folder: Path, objects: Objects | None = None) -> tuple[Register, House]:
    """A register and a centre that know each other's keys, on one object store: a folder, if no other is given."""
    folder.mkdir(exist_ok=True)
    objects = objects or LocalObjects(folder / "objects")
    register = Register(folder, objects)
    signing = register.keys.make(REGISTER, SIGNING, day=TODAY)
    register.keys.make(ESCROW, SEALING, day=TODAY, private_in=folder / "escrow")
    house = House(CENTRE, folder / "centre", objects)
    for file in make_keys(house):
        register.keys.add(read_key(file.read_bytes()), day=TODAY)
    trust(house, [register.keys.path / "public" / f"{signing.key_id}.json"])
    return register, house


def flipped(content: bytes) -> bytes:
    """The content with one letter near its end changed for another: a signature stays one that can be read."""
    return content[:-40] + (b"B" if content[-40] == ord("A") else b"A") + content[-39:]
