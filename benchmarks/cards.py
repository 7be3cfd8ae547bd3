"""A batch handed off, and the centre's answers to it taken, beside a bare COPY and MERGE of the same rows.

    python -m benchmarks.cards [--dossiers 500000] [--open 0] [--json]

A store of made-up persons with a dossier each hands them all off (sealed, signed, published), and takes the answer
that accepts them all. `--open` more cards have been with the centre for long. Floor: COPY and MERGE of the answer's
rows into the cards, and their events.
"""

import datetime as dt
import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
from sqlalchemy import Connection, text

from config.centre import CENTRE
from config.settings import Settings
from registry.bulk import copy_in, copy_out
from registry.database import close_database, migrate
from registry.progress.counts import count_night
from registry.sealing.answers import Header
from registry.sealing.hash_totals import hash_total
from registry.sealing.key_folder import KeyFolder
from registry.sealing.keys import ESCROW, REGISTER, SEALING, SIGNING
from registry.sealing.manifest import MANIFEST, batch_folder, manifest_sha256
from registry.sealing.signatures import sign
from tasks.hand_off import hand_off_cards
from tasks.platform import Platform
from tasks.reconcile import reconcile_cards
from tasks.take_answers import take_answer_files

NIGHT = dt.date(2021, 7, 1)

#: Ids lie anywhere among all. Those of cards of long ago ascend, half of them from the middle: so a store of ten
#: million is filled in minutes.
_ANYWHERE = "CAST(md5('{of} ' || n) AS uuid)"
_ASCENDING = """CAST(lpad(to_hex(9223372036854775807 / (CAST(:last AS bigint) - :first + 1) * (n - :first)
                                 | (CAST(n % 2 AS bigint) << 63)), 16, '0') || lpad(to_hex(n), 16, '0') AS uuid)"""

_PERSONS = """
INSERT INTO person (person_id, full_name, birth_date, sex, nationality, pid, permanent_place, permanent_place_from,
                    permanent_address)
SELECT {person}, 'NGUYỄN VĂN ' || chr(65 + n % 26), (date '1950-01-01' + n % 18000)::text,
       CASE n % 2 WHEN 0 THEN 'M' ELSE 'F' END, 'VN', lpad(n::text, 12, '0'), '26050', date '1900-01-01',
       'tổ ' || n % 90
  FROM generate_series(CAST(:first AS integer), :last) AS n
"""
_DOSSIERS = """
INSERT INTO dossier (dossier_id, station, number, person_id, attempt, captured_at, mode, applicant, reason, place,
                     place_from, photo, photo_sha256, file_id, row_no, load_no)
SELECT {dossier}, '75', 'D' || n, {person}, 1, timestamptz '2021-06-28 08:30+07', 'station', 'permanent', 'first',
       '26050', date '1900-01-01', 'biometrics/' || n || '.jpg', md5(n::text), 1, n, 1
  FROM generate_series(CAST(:first AS integer), :last) AS n
"""
_EVENTS = """
INSERT INTO card_event (dossier_id, attempt, event, happened_at, business_date)
SELECT {dossier}, 1, 'captured', timestamptz '2021-06-28 08:30+07', date '2021-06-30'
  FROM generate_series(CAST(:first AS integer), :last) AS n
"""
_CARDS = """
INSERT INTO card (dossier_id, state, attempt, since)
SELECT {dossier}, 'captured', 1, timestamptz '2021-06-28 08:30+07'
  FROM generate_series(CAST(:first AS integer), :last) AS n
"""
_EARLIER_CARDS = """
INSERT INTO card (dossier_id, state, attempt, since, batch_no, counted)
SELECT {dossier}, 'handed_off', 1, timestamptz '2021-06-29 20:00+07', 1 + (n - :first) / 500000,
       ARRAY['handed_off', '1', '26050', '1900-01-01', 'permanent']
  FROM generate_series(CAST(:first AS integer), :last) AS n
"""
_EARLIER_BATCHES = """
INSERT INTO card_batch (centre, sequence, business_date, dossiers, hash_total, sealed_sha256, manifest, manifest_sha256,
                        signature, published_at)
SELECT 'earlier', n, date '2021-06-29', 500000, '0', '', '', '', '', timestamptz '2021-06-29 20:00+07'
  FROM generate_series(1, (:cards + 499999) / 500000) AS n
"""
_FLOOR = """
MERGE INTO floor_card AS c USING floor_told AS t ON t.dossier_id = c.dossier_id
WHEN MATCHED THEN UPDATE SET state = t.event, since = t.happened_at
"""


def _fill(store: Connection, first: int, last: int, *, cards: str = _CARDS, ids: str = _ANYWHERE) -> None:
    """Persons, each with a dossier and its card."""
    names = {of: ids.format(of=of) for of in ("dossier", "person")}
    for statement in (_PERSONS, _DOSSIERS, _EVENTS, cards):
        store.execute(text(statement.format(**names)), {"first": first, "last": last})


def _fill_earlier(store: Connection, first: int, cards: int) -> None:
    """Cards that the centre has for long, in batches of half a million; earlier nights have counted them."""
    store.execute(text(_EARLIER_BATCHES), {"cards": cards})
    _fill(store, first, first + cards - 1, cards=_EARLIER_CARDS, ids=_ASCENDING)


def _keys(place: Platform, centre: KeyFolder) -> None:
    for owner, purpose in ((REGISTER, SIGNING), (CENTRE, SEALING), (ESCROW, SEALING)):
        place.keys.make(owner, purpose, day=NIGHT)
    place.keys.add(centre.make(CENTRE, SIGNING, day=NIGHT), day=NIGHT)


def _accept_all(place: Platform, centre: KeyFolder) -> pa.Table:
    """Puts the answer that accepts the batch; what it says, as rows."""
    with place.engine.begin() as store:
        asked = copy_out(
            store,
            "SELECT dossier_id, attempt FROM card_event WHERE event = 'handed_off'",
            pa.schema([("dossier_id", pa.string()), ("attempt", pa.int16())]),
        )
    manifest = place.objects.read_bytes(f"{batch_folder(CENTRE, 1)}/{MANIFEST}")
    signer = centre.signer(CENTRE, day=NIGHT)
    made_at = dt.datetime(2021, 7, 1, 20, tzinfo=dt.UTC)
    ids = asked["dossier_id"]
    header = Header(
        CENTRE, "content", 1, 1, manifest_sha256(manifest), len(ids), hash_total(ids), made_at, signer.key_id
    )
    lines = "".join(f'{{"dossier": "{one}", "attempt": 1, "result": "accepted"}}\n' for one in ids.to_pylist())
    content = header.to_bytes() + lines.encode()
    key = f"inbox/acks/{CENTRE}/000001.jsonl"
    place.objects.put_bytes(key, content)
    place.objects.put_bytes(f"{key}.sig", sign(content, signer))
    return asked.append_column("event", pa.array(["accepted"] * len(ids))).append_column(
        "happened_at", pa.array([made_at] * len(ids), pa.timestamp("us", tz="UTC"))
    )


def _floor(place: Platform, rows: pa.Table) -> float:
    """Seconds of a bare COPY and MERGE of the same rows into equal tables with the same indexes."""
    with place.engine.begin() as store:
        for table in ("card", "card_event"):
            store.execute(text(f"CREATE TABLE floor_{table} (LIKE {table} INCLUDING ALL)"))
            store.execute(text(f"INSERT INTO floor_{table} OVERRIDING SYSTEM VALUE SELECT * FROM {table}"))
        store.execute(text("SELECT setval(pg_get_serial_sequence('floor_card_event', 'event_no'), max(event_no))"
                           " FROM card_event"))  # fmt: skip
    _settle(place)
    start = time.monotonic()
    with place.engine.begin() as store:
        store.execute(text("CREATE TEMP TABLE floor_told (dossier_id uuid, attempt smallint, event text,"
                           " happened_at timestamptz) ON COMMIT DROP"))  # fmt: skip
        copy_in(store, "floor_told", rows.column_names, rows)
        store.execute(text("ANALYZE floor_told"))
        store.execute(text("INSERT INTO floor_card_event (dossier_id, attempt, event, happened_at, business_date)"
                           " SELECT *, date '2021-07-01' FROM floor_told"))  # fmt: skip
        store.execute(text(_FLOOR))
    return time.monotonic() - start


def _settle(place: Platform) -> None:
    """Rows are settled and on disk, as they are when a night begins."""
    with place.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as store:
        store.execute(text("VACUUM ANALYZE"))
        store.execute(text("CHECKPOINT"))


def _run(dossiers: int, long_there: int, home: Path) -> dict[str, Any]:
    place = Platform(Settings(home=home))
    centre = KeyFolder(home / "centre")
    migrate(place.engine)
    try:
        _keys(place, centre)
        with place.engine.begin() as store:
            if long_there:
                _fill_earlier(store, dossiers + 1, long_there)
            _fill(store, 1, dossiers)
        _settle(place)
        handed_off = _seconds(lambda: hand_off_cards(place, date=NIGHT))
        owed = _seconds(lambda: reconcile_cards(place, date=NIGHT))
        counted = _seconds(lambda: _count(place))
        rows = _accept_all(place, centre)
        floor = _floor(place, rows)
        _settle(place)
        answered = _seconds(lambda: take_answer_files(place, date=NIGHT))
    finally:
        close_database(place.engine)
    return {
        "rows": dossiers,
        "open": long_there,
        "hand_off_seconds": round(handed_off, 2),
        "handed_off_a_second": round(dossiers / handed_off),
        "reconcile_seconds": round(owed, 2),
        "count_seconds": round(counted, 2),
        "seconds": round(answered, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "floor_seconds": round(floor, 2),
        "ratio_to_floor": round(answered / floor, 2),
    }


def _seconds(work: Callable[[], object]) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start


def _count(place: Platform) -> None:
    with place.engine.begin() as store:
        count_night(store, NIGHT)


@click.command()
@click.option("--dossiers", type=int, default=500_000, show_default=True)
@click.option("--open", "long_there", type=int, default=0, show_default=True, help="Cards that the centre has already.")
@click.option("--json", "as_json", is_flag=True)
def main(*, dossiers: int, long_there: int, as_json: bool) -> None:
    """Measures, in a home of its own."""
    with tempfile.TemporaryDirectory(prefix="dancu-cards-") as home:
        found = _run(dossiers, long_there, Path(home))
    if not as_json:
        click.echo(
            f"{found['rows']:,} dossiers handed off in {found['hand_off_seconds']} s"
            f" ({found['handed_off_a_second']:,} a second), reconciled in {found['reconcile_seconds']} s,"
            f" counted in {found['count_seconds']} s;"
            f" their answers taken in {found['seconds']} s, {found['ratio_to_floor']} times COPY and MERGE"
            f" ({found['floor_seconds']} s); peak {found['peak_mb']:,} MB."
        )
    else:
        click.echo(json.dumps(found))


if __name__ == "__main__":
    main()
