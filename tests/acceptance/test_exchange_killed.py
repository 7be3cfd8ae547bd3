"""Kill -9 at every named point between "sealed" and "acknowledged", of the register and of the centre.

The points are those of `docs/architecture.md`. A process stops at one of them, because the store does not answer it,
and is killed there. Then the centre has seen a whole batch or none, and after another run every dossier has its card,
once.
"""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine, text

from registry.sealing.manifest import CARDS, MANIFEST
from tasks.verify import examine
from tests import servers
from tests.acceptance.homes import PATIENCE
from tests.gate import Gate
from tests.integration.card_store import states
from tests.integration.exchange import Exchange
from tests.integration.real_store import installation

COUNT = 3

#: Number of the lock on which the store waits before it writes a batch down.
SEALED = 46


@dataclass(frozen=True)
class Point:
    """Where a process is killed.

    Attributes:
        who: `register`, before the centre has answered (`asks`) or after (`hears`), or `centre`.
        method, target: the request to the object store that is not answered.
        after: it was done, and only the answer is missing.
    """

    who: str
    method: str = ""
    target: str = ""
    after: bool = True


POINTS = {
    "sealed in scratch": Point("asks"),
    "archived": Point("asks", "PUT", r"archive/cards/"),
    "committed": Point("asks", "PUT", r"outbox/cards/.*/cards\.jsonl\.age", after=False),
    "sealed file in outbox": Point("asks", "PUT", r"outbox/cards/.*/cards\.jsonl\.age"),
    "signature in outbox": Point("asks", "PUT", r"outbox/cards/.*/manifest\.json\.sig"),
    "manifest in outbox": Point("asks", "PUT", r"outbox/cards/.*/manifest\.json($|\?)"),
    "marked published": Point("asks", "GET", r"prefix=.*inbox(%2F|/)acks", after=False),
    "batch read by the centre": Point("centre", "GET", r"outbox/cards/.*/cards\.jsonl\.age"),
    "answer in inbox": Point("centre", "PUT", r"inbox/acks/.*-content\.jsonl($|\?)"),
    "signature in inbox": Point("centre", "PUT", r"inbox/acks/.*-content\.jsonl\.sig"),
    "answer read": Point("hears", "GET", r"inbox/acks/.*-content\.jsonl($|\?)"),
    "answer archived": Point("hears", "PUT", r"archive/messages/"),
    "message committed": Point("hears", "DELETE", r"inbox/acks/.*-content\.jsonl($|\?)", after=False),
    "answer removed": Point("hears", "DELETE", r"inbox/acks/.*-content\.jsonl($|\?)"),
    "signature removed": Point("hears", "DELETE", r"inbox/acks/.*-shipment\.jsonl\.sig"),
}


@pytest.fixture(scope="module")
def gate(s3_moto: servers.S3Server) -> Iterator[Gate]:
    with Gate.before(s3_moto.endpoint_url) as gate:
        yield gate


@pytest.fixture(scope="module")
def exchange(
    postgres_server: Engine, s3_moto: servers.S3Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Exchange]:
    """Register and centre with their objects on S3; one after the other is killed at every point."""
    folder = tmp_path_factory.mktemp("exchange")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DANCU_OBJECTS_URL", f"s3://{servers.BUCKET}/{uuid.uuid4().hex}")
        patch.setenv("DANCU_S3_ENDPOINT_URL", s3_moto.endpoint_url)
        with installation(postgres_server, folder / "home", name="exchange") as place:
            with place.engine.begin() as store:
                for statement in _WAITS:
                    store.exec_driver_sql(statement)
            yield Exchange.at(place, folder / "centre")


#: The store waits for the lock before it writes a batch down, as a slow one would.
_WAITS = (
    f"""CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
        $$BEGIN PERFORM pg_advisory_xact_lock({SEALED}); RETURN NEW; END$$""",
    "CREATE TRIGGER wait BEFORE INSERT ON card_batch FOR EACH ROW EXECUTE FUNCTION wait()",
)


@pytest.mark.parametrize("name", POINTS)
def test_killed_there_nothing_is_lost_asked_for_twice_or_half_seen(exchange: Exchange, gate: Gate, name: str) -> None:
    point = POINTS[name]
    before = states(exchange.place).get("delivered", 0)
    batches = len(exchange.outbox()) // 3
    exchange.capture(COUNT)
    if point.who != "asks":
        exchange.night()
    if point.who == "hears":
        exchange.centre()
    kill(exchange, gate, point)
    assert exchange.plain_files() == []
    whole = {key.split("/")[3] for key in exchange.outbox() if key.endswith(f"/{MANIFEST}")}
    seen = exchange.centre()
    assert seen["damaged"] == 0
    assert seen["batches"] == (point.who == "asks" and len(whole) > batches) + (name == "batch read by the centre")
    for _ in range(2):
        exchange.night()
        exchange.centre()
    exchange.night()
    assert states(exchange.place) == {"delivered": before + COUNT}
    assert len(exchange.outbox()) == 3 * (batches + 1)
    assert exchange.inbox() == {}
    assert asked_for(exchange) == before + COUNT
    assert exchange.plain_files() == []
    proof = examine(exchange.place)
    assert [str(breach) for breach in proof.breaches if breach.invariant in ("I3", "I4", "I5", "I6")] == []


def kill(exchange: Exchange, gate: Gate, point: Point) -> None:
    """Starts a process, and kills it where it stands still."""
    who = ["centre", str(exchange.house.home)] if point.who == "centre" else ["register"]
    environment = {**os.environ, "DANCU_S3_ENDPOINT_URL": gate.address, "PYTHONPATH": str(servers.REPOSITORY)}
    with exchange.place.engine.connect() as store:
        if point.method:
            gate.shut(point.method, point.target, after=point.after)
        else:
            store.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": SEALED})
        process = subprocess.Popen([sys.executable, "-m", "tests.acceptance.exchange_step", *who], env=environment)
        give_up = time.monotonic() + PATIENCE
        while not (gate.reached.is_set() if point.method else waiting(exchange)):
            assert process.poll() is None, "it ended before it came to the point"
            assert time.monotonic() < give_up
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait(PATIENCE) == -signal.SIGKILL
        if not point.method:
            sealed = exchange.place.settings.scratch / "hand-off" / CARDS
            assert sealed.exists()
            assert [info.key for info in exchange.place.objects.list("archive/cards/")] == []
            store.execute(text("SELECT pg_advisory_unlock_all()"))
    gate.open()


def waiting(exchange: Exchange) -> bool:
    """Whether somebody waits for the lock."""
    query = (
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = :lock AND NOT granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
    )
    with exchange.place.engine.begin() as store:
        return bool(store.scalar(text(query), {"lock": SEALED}))


def asked_for(exchange: Exchange) -> int:
    """Dossiers that some batch asks for: none is in two."""
    query = "SELECT count(*), count(DISTINCT dossier_id) FROM card_event WHERE event = 'handed_off'"
    with exchange.place.engine.begin() as store:
        asked, different = store.execute(text(query)).one()
    assert asked == different
    return int(asked)
