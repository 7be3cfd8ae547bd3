"""Dossiers of made-up persons in a store, put there by hand: what their intake would have left."""

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import Engine, text

from config.centre import CENTRE
from registry.bulk import copy_in
from registry.cards.book import write_events
from registry.database import close_database, load_sql
from registry.places import BEGINNING
from registry.sealing.answers import Header
from registry.sealing.hash_totals import hash_total
from registry.sealing.key_folder import KeyFolder, Signer
from registry.sealing.keys import ESCROW, REGISTER, SEALING, SIGNING
from registry.sealing.manifest import manifest_sha256
from registry.sealing.signatures import sign
from tasks.platform import Platform
from tests.integration.a_night import platform_of

NIGHT = dt.date(2021, 7, 1)
ANSWERED_AT = dt.datetime(2021, 7, 1, 20, 0, tzinfo=dt.UTC)
CAPTURED_AT = dt.datetime(2021, 6, 28, 8, 30, tzinfo=dt.UTC)
STATION, PLACE, PLACE_FROM = "75", "26050", BEGINNING


@dataclass(frozen=True)
class Dossier:
    """A dossier and the person that it is of."""

    dossier_id: str
    person_id: str


def a_dossier(number: int) -> Dossier:
    """The same number gives the same dossier."""
    return Dossier(*(str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind} {number}")) for kind in ("dossier", "person")))


@contextmanager
def card_platform(store: Engine, home: Path) -> Iterator[Platform]:
    """An installation on a store of the test's own, with the keys that a hand-off needs."""
    place = platform_of(store, home)
    make_keys(place)
    yield place
    close_database(place.engine)


def make_keys(place: Platform) -> None:
    """The register's own key, and sealing keys of the centre and the escrow."""
    for owner, purpose in ((REGISTER, SIGNING), (CENTRE, SEALING), (ESCROW, SEALING)):
        place.keys.make(owner, purpose, day=dt.date(2021, 1, 1))


def add_dossiers(place: Platform, count: int, *, first: int = 0) -> list[Dossier]:
    """Persons with a dossier each, captured."""
    made = [a_dossier(number) for number in range(first, first + count)]
    persons = {
        "person_id": [one.person_id for one in made],
        "full_name": [f"NGUYỄN VĂN {'ABCDEĐGHIK'[n % 10]}" for n in range(first, first + count)],
        "birth_date": ["1984-05-17"] * count,
        "sex": ["M"] * count,
        "nationality": ["VN"] * count,
        "pid": [f"0750840{n:05d}" for n in range(first, first + count)],
        "permanent_place": [PLACE] * count,
        "permanent_place_from": [PLACE_FROM] * count,
        "permanent_address": ["12, tổ 7"] * count,
    }
    with place.engine.begin() as store:
        copy_in(store, "person", list(persons), pa.table(persons))
    _capture(place, made, first)
    return made


def _capture(place: Platform, made: Sequence[Dossier], first: int) -> None:
    count = len(made)
    dossiers = {
        "dossier_id": [one.dossier_id for one in made],
        "station": [STATION] * count,
        "number": [f"D-{n}" for n in range(first, first + count)],
        "person_id": [one.person_id for one in made],
        "attempt": [1] * count,
        "captured_at": [CAPTURED_AT] * count,
        "mode": ["station"] * count,
        "applicant": ["permanent"] * count,
        "reason": ["first"] * count,
        "place": [PLACE] * count,
        "place_from": [PLACE_FROM] * count,
        "photo": [f"biometrics/{n}.jpg" for n in range(first, first + count)],
        "photo_sha256": ["0" * 64] * count,
        "file_id": [1] * count,
        "row_no": list(range(first, first + count)),
        "load_no": [1] * count,
    }
    with place.engine.begin() as store:
        copy_in(store, "dossier", list(dossiers), pa.table(dossiers))
        store.execute(text("CREATE TEMP TABLE taken_dossier ON COMMIT DROP AS TABLE dossier"))
        write_events(store, load_sql("dossier", "said"), date=NIGHT)


#: Lines of an answer.
Lines = list[dict[str, Any]]


class Centre:
    """The centre's side: signs answers with a key that the register knows, and puts them into the inbox."""

    def __init__(self, place: Platform, home: Path) -> None:
        self.place, self.keys, self.sequence = place, KeyFolder(home), 0
        place.keys.add(self.keys.make(CENTRE, SIGNING, day=dt.date(2021, 1, 1)), day=dt.date(2021, 1, 1))

    def batch(self, sequence: int = 1) -> dict[str, Any]:
        """What names a batch in an answer."""
        content = self.place.objects.read_bytes(f"outbox/cards/{CENTRE}/{sequence:06d}/manifest.json")
        return {"batch": sequence, "manifest_sha256": manifest_sha256(content)}

    def answer(self, kind: str, lines: Sequence[Mapping[str, Any]] = (), **header: Any) -> bytes:
        """An answer's bytes; `header` overrides what it says of itself."""
        self.sequence = header.pop("sequence", self.sequence + 1)
        dossiers = pa.chunked_array([[line["dossier"] for line in lines if "dossier" in line]], pa.string())
        stated = {
            "centre": CENTRE, "kind": kind, "sequence": self.sequence, "batch": None, "manifest_sha256": None,
            "count": len(lines), "hash_total": hash_total(dossiers), "made_at": ANSWERED_AT,
            "signed_by": self.signer.key_id, **header,
        }  # fmt: skip
        body = "".join(json.dumps(line) + "\n" for line in lines)
        return Header(**stated).to_bytes() + body.encode()

    @property
    def signer(self) -> Signer:
        return self.keys.signer(CENTRE, day=NIGHT)

    def put(self, content: bytes, name: str = "", *, signature: bytes | None = None) -> str:
        """Puts an answer and then its signature; returns where."""
        key = f"inbox/acks/{CENTRE}/{name or f'{self.sequence:06d}'}.jsonl"
        self.place.objects.put_bytes(key, content)
        self.place.objects.put_bytes(f"{key}.sig", signature or sign(content, self.signer))
        return key

    def say(self, kind: str, lines: Sequence[Mapping[str, Any]] = (), **header: Any) -> bytes:
        """Makes an answer and puts it."""
        content = self.answer(kind, lines, **header)
        self.put(content)
        return content


def content(dossiers: Iterable[Dossier], result: str = "accepted", *, attempt: int = 1, **more: Any) -> Lines:
    return [{"dossier": one.dossier_id, "attempt": attempt, "result": result, **more} for one in dossiers]


def production(
    dossiers: Iterable[Dossier], qc: str = "passed", *, attempt: int = 1, day: int = 2
) -> list[dict[str, Any]]:
    return [
        {"dossier": one.dossier_id, "attempt": attempt, "card_number": f"C{attempt}-{one.dossier_id[:8]}",
         "chip_serial": f"S-{one.dossier_id[:8]}", "qc": qc, "made_at": f"2021-07-{day:02}T10:00:00+07:00"}
        for one in dossiers
    ]  # fmt: skip


def shipment(dossiers: Iterable[Dossier], *, attempt: int = 1, office: str = STATION) -> Lines:
    return [
        {"dossier": one.dossier_id, "attempt": attempt, "card_number": f"C{attempt}-{one.dossier_id[:8]}",
         "shipment": "SH-1", "office": office, "shipped_at": "2021-07-05T10:00:00+07:00"}
        for one in dossiers
    ]  # fmt: skip


def parked(place: Platform) -> list[str]:
    """Why lines and events wait for a person."""
    with place.engine.begin() as store:
        return list(store.scalars(text("SELECT reason FROM parked WHERE done_at IS NULL ORDER BY reason")))


def states(place: Platform) -> dict[str, int]:
    """How many cards are in each state."""
    with place.engine.begin() as store:
        return dict(
            store.execute(text("SELECT state, count(*) FROM card GROUP BY state ORDER BY state")).tuples().all()
        )
