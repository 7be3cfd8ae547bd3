"""The exchange of cards on an S3 that fails at each request: run again, all goes on, and nothing was half seen."""

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from registry import objects_s3
from registry.errors import PlatformError
from registry.sealing.manifest import MANIFEST
from tasks.hand_off import resend
from tasks.verify import examine
from tests.gate import Fault, Gate
from tests.integration.card_store import states
from tests.integration.exchange import Exchange
from tests.integration.real_store import installation
from tests.servers import BUCKET

COUNT = 2

#: Requests of the register's night in their order: what hands a batch off, and what takes answers and deliveries.
HANDS_OFF = (
    ("PUT", r"archive/cards/"),
    ("PUT", r"outbox/cards/.*/cards\.jsonl\.age"),
    ("PUT", r"outbox/cards/.*/manifest\.json\.sig"),
    ("PUT", r"outbox/cards/.*/manifest\.json($|\?)"),
)
HEARS = (
    ("GET", r"prefix=.*inbox(%2F|/)acks"),
    ("GET", r"inbox/acks/.*-content\.jsonl\.sig"),
    ("GET", r"inbox/acks/.*-content\.jsonl($|\?)"),
    ("PUT", r"archive/messages/"),
    ("DELETE", r"inbox/acks/.*-content\.jsonl($|\?)"),
    ("DELETE", r"inbox/acks/.*-shipment\.jsonl\.sig"),
    ("GET", r"inbox/deliveries/[^?]+"),
    ("PUT", r"archive/messages/"),
    ("DELETE", r"inbox/deliveries/"),
)


@pytest.fixture(scope="module", params=["s3_moto", "s3_rclone"])
def gate(request: pytest.FixtureRequest) -> Iterator[Gate]:
    with Gate.before(request.getfixturevalue(request.param).endpoint_url) as gate:
        yield gate


@pytest.fixture(scope="module")
def exchange(gate: Gate, postgres_server: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exchange]:
    """Register and centre; their store fails at one request after the other. Nobody waits before the next attempt."""
    folder = tmp_path_factory.mktemp("exchange")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("botocore.retryhandler.delay_exponential", lambda **_: 0)
        patch.setattr(objects_s3, "PAUSES", (0, 0))
        patch.setenv("DANCU_OBJECTS_URL", f"s3://{BUCKET}/{uuid.uuid4().hex}")
        patch.setenv("DANCU_S3_ENDPOINT_URL", gate.address)
        with installation(postgres_server, folder / "home", name="failing") as place:
            yield Exchange.at(place, folder / "centre")


@pytest.mark.parametrize("done", [False, True])
def test_a_hand_off_that_fails_at_each_put_is_whole_in_the_end(exchange: Exchange, gate: Gate, done: bool) -> None:
    """The store fails in the middle of a put, or has it whole and is cut off before it can say so."""
    batches = len(exchange.outbox()) // 3
    exchange.capture(COUNT)
    published: dict[str, bytes] = {}
    for method, target in HANDS_OFF:
        night_fails(exchange, gate, method, target, done=done)
        assert published.items() <= exchange.outbox().items()
        published = exchange.outbox()
        # The centre sees the batch whole, or not at all.
        whole = sum(key.endswith(f"/{MANIFEST}") for key in published) > batches
        seen = exchange.centre()
        assert (seen["damaged"], seen["batches"]) == (0, int(whole))
    exchange.night()
    assert published.items() <= exchange.outbox().items()
    assert len(exchange.outbox()) == 3 * (batches + 1)
    exchange.centre()
    exchange.night()
    assert_all_delivered(exchange)


@pytest.mark.parametrize("done", [False, True])
def test_what_is_heard_while_the_store_fails_counts_once(exchange: Exchange, gate: Gate, done: bool) -> None:
    exchange.capture(COUNT)
    exchange.night()
    exchange.centre()
    for method, target in HEARS:
        night_fails(exchange, gate, method, target, done=done)
    exchange.night()
    assert_all_delivered(exchange)


def night_fails(exchange: Exchange, gate: Gate, method: str, target: str, *, done: bool) -> None:
    unfinished = Fault.CUT_INSIDE if method == "PUT" else Fault.BUSY
    gate.fail(Fault.CUT_AFTER if done else unfinished, method, target)
    with pytest.raises(PlatformError, match="the operator"):
        exchange.night()
    assert gate.failed > 0
    gate.open()


def assert_all_delivered(exchange: Exchange) -> None:
    """Every dossier was asked for once and has its card, nothing lies in the inbox, and the sums close."""
    asked = "SELECT count(*), count(DISTINCT dossier_id) FROM card_event WHERE event = 'handed_off'"
    with exchange.place.engine.begin() as store:
        times, dossiers = store.execute(text(asked)).one()
    assert states(exchange.place) == {"delivered": dossiers}
    assert times == dossiers
    assert list(exchange.place.objects.list("inbox")) == []
    breaches = [str(one) for one in examine(exchange.place).breaches if one.invariant in ("I3", "I4", "I5", "I6")]
    assert breaches == []


def test_a_resend_that_fails_leaves_the_batch_as_it_was(exchange: Exchange, gate: Gate) -> None:
    batch = exchange.batch(COUNT)
    before = exchange.outbox()
    for method, target in HANDS_OFF[1:]:
        gate.fail(Fault.CUT_INSIDE, method, target)
        with pytest.raises(PlatformError, match="the operator"):
            resend(exchange.place, batch)
        gate.open()
        assert exchange.outbox() == before
    exchange.clear(*exchange.outbox(batch))
    resend(exchange.place, batch)
    assert exchange.outbox() == before
