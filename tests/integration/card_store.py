"""Dossiers of made-up persons in a store, put there by hand: what their intake would have left."""

import datetime as dt
import uuid
from dataclasses import dataclass

import pyarrow as pa
from sqlalchemy import text

from config.centre import CENTRE
from registry.bulk import copy_in
from registry.cards.book import SAID, write_events
from registry.places import BEGINNING
from registry.sealing.keys import ESCROW, REGISTER, SEALING, SIGNING
from tasks.platform import Platform

NIGHT = dt.date(2021, 7, 1)
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
    dossiers = {
        "dossier_id": [one.dossier_id for one in made],
        "station": [STATION] * count,
        "number": [f"D-{n}" for n in range(first, first + count)],
        "person_id": persons["person_id"],
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
    events = [
        {"dossier_id": one.dossier_id, "attempt": 1, "event": "captured", "happened_at": CAPTURED_AT} for one in made
    ]
    with place.engine.begin() as store:
        for table, columns in (("person", persons), ("dossier", dossiers)):
            copy_in(store, table, list(columns), pa.table(columns))
        write_events(store, pa.Table.from_pylist(events, schema=SAID), date=NIGHT)
    return made


def states(place: Platform) -> dict[str, int]:
    """How many cards are in each state."""
    with place.engine.begin() as store:
        return dict(
            store.execute(text("SELECT state, count(*) FROM card GROUP BY state ORDER BY state")).tuples().all()
        )
