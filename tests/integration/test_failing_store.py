"""An S3 that is busy, ill, silent or cut off: whole objects or none, an error that says who acts, and a way on."""

import datetime as dt
import hashlib
import os
import traceback
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from boto3.s3.transfer import TransferConfig

from registry import objects_s3
from registry.cards.biometrics import settle
from registry.errors import PlatformError
from registry.objects import Objects, open_objects
from tests.gate import Fault, Gate
from tests.servers import BUCKET

#: A sender chose this name: no error may show it.
KEY = "landing/registers/00001/TRAN VAN THU.csv"
HERE = r"/TRAN%20VAN%20THU\.csv"

OLD = b"old" * 100_000
NEW = b"new" * 100_000

MIB = 1024 * 1024

LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
TOMORROW = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)


@dataclass(frozen=True)
class Store:
    """One store: through the gate, with patience and without much, and past the gate."""

    objects: Objects
    impatient: Objects
    direct: Objects
    gate: Gate

    def all_keys(self) -> list[str]:
        return [info.key for info in self.direct.list()]


@pytest.fixture(scope="module", params=["s3_moto", "s3_rclone"])
def one_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Nobody waits here between one attempt and the next."""
    server = request.getfixturevalue(request.param)
    home, url = tmp_path_factory.mktemp("home"), f"s3://{BUCKET}/{uuid.uuid4().hex}"
    with Gate.before(server.endpoint_url) as gate, pytest.MonkeyPatch.context() as patch:
        direct = open_objects(url, home=home, endpoint_url=server.endpoint_url)
        patch.setattr("botocore.retryhandler.delay_exponential", lambda **_: 0)
        patch.setattr(objects_s3, "PAUSES", (0, 0))
        parts = TransferConfig(multipart_threshold=8 * MIB, multipart_chunksize=5 * MIB)
        patch.setattr(objects_s3, "TRANSFER", parts)
        objects = open_objects(url, home=home, endpoint_url=gate.address)
        patch.setattr(objects_s3, "PATIENCE", 0.2)
        yield Store(objects, open_objects(url, home=home, endpoint_url=gate.address), direct, gate)


@pytest.fixture
def store(one_store: Store) -> Iterator[Store]:
    """An empty store, and an open gate."""
    yield one_store
    one_store.gate.open()
    for key in one_store.all_keys():
        one_store.direct.delete(key)


def fails(act: Callable[[], object]) -> None:
    """It ends with a sentence for the operator, and neither that nor what lies behind it names the object."""
    with pytest.raises(PlatformError, match="the operator") as caught:
        act()
    said = "".join(traceback.format_exception(caught.value))
    assert "TRAN" not in said


# -- putting -----------------------------------------------------------------------------------------------

NOT_DONE = (Fault.BUSY, Fault.ILL, Fault.CUT_INSIDE)


def put_bytes(store: Store, _: Path) -> None:
    store.objects.put_bytes(KEY, NEW)


def put_file(store: Store, folder: Path) -> None:
    (folder / "new").write_bytes(NEW)
    store.objects.put(KEY, folder / "new")


@pytest.mark.parametrize("put", [put_bytes, put_file])
@pytest.mark.parametrize("fault", [*NOT_DONE, Fault.CUT_AFTER])
def test_a_put_that_fails_leaves_the_old_object_or_the_new_one(
    store: Store, tmp_path: Path, put: Callable[[Store, Path], None], fault: Fault
) -> None:
    store.direct.put_bytes(KEY, OLD)
    store.gate.fail(fault, "PUT", HERE)
    fails(lambda: put(store, tmp_path))
    assert store.gate.failed == 6
    assert store.direct.read_bytes(KEY) == (OLD if fault in NOT_DONE else NEW)
    store.gate.fail(fault, "PUT", HERE, times=5)
    put(store, tmp_path)
    assert store.gate.failed == 5
    assert store.direct.read_bytes(KEY) == NEW
    assert store.all_keys() == [KEY]


def test_a_store_that_was_away_for_long_is_asked_as_often_as_before(store: Store) -> None:
    store.gate.fail(Fault.BUSY, "PUT", HERE)
    for _ in range(20):
        fails(lambda: store.objects.put_bytes(KEY, NEW))
    store.gate.fail(Fault.BUSY, "PUT", HERE, times=5)
    store.objects.put_bytes(KEY, NEW)
    assert store.direct.read_bytes(KEY) == NEW


def test_who_acts_is_the_one_who_can(store: Store, tmp_path: Path) -> None:
    """A server that fails is another thing than one that cannot be reached, or one that refuses."""
    for fault, says in (
        (Fault.BUSY, r"failed at PutObject \(503\).* looks at that server"),
        (Fault.CUT_AFTER, "network"),
    ):
        store.gate.fail(fault, "PUT", HERE)
        for put in (put_bytes, put_file):
            with pytest.raises(PlatformError, match=says):
                put(store, tmp_path)


# -- putting in parts --------------------------------------------------------------------------------------

PART = "partNumber=2"
REQUESTS = {"begin": ("POST", r"\?uploads"), "part": ("PUT", PART), "end": ("POST", "uploadId=")}


@pytest.fixture
def in_parts(tmp_path: Path) -> Path:
    """A file that is put in three parts."""
    path = tmp_path / "in-parts"
    path.write_bytes(os.urandom(11 * MIB))
    return path


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.CUT_INSIDE, Fault.CUT_AFTER])
@pytest.mark.parametrize("name", REQUESTS)
def test_an_object_in_parts_is_there_whole_or_not_at_all(store: Store, in_parts: Path, name: str, fault: Fault) -> None:
    store.direct.put_bytes(KEY, OLD)
    before = hashlib.sha256(OLD).hexdigest()
    store.gate.fail(fault, *REQUESTS[name])
    fails(lambda: store.objects.put(KEY, in_parts))
    assert store.gate.failed > 0
    done = (name, fault) == ("end", Fault.CUT_AFTER)
    assert store.direct.fetch(KEY, None).sha256 == (sha256(in_parts) if done else before)
    # Of what was begun nothing stays behind, but where nobody knows that it was begun.
    assert store.direct.clear_unfinished(LONG_AGO) == 0
    left = store.direct.clear_unfinished(TOMORROW)
    assert (left > 0) == (name == "begin" and fault is not Fault.BUSY)
    store.gate.open()
    store.objects.put(KEY, in_parts)
    assert store.direct.fetch(KEY, None).sha256 == sha256(in_parts)


def test_a_part_that_fails_now_and_then_is_sent_again(store: Store, in_parts: Path) -> None:
    for fault in (Fault.ILL, Fault.CUT_INSIDE, Fault.CUT_AFTER):
        store.gate.fail(fault, "PUT", PART, times=5)
        store.objects.put(KEY, in_parts)
        assert store.gate.failed == 5
        assert store.direct.fetch(KEY, None).sha256 == sha256(in_parts)
        store.direct.delete(KEY)


def test_parts_that_a_killed_put_left_are_never_seen_and_cleared_away(store: Store, in_parts: Path) -> None:
    """A store that cannot be reached any more is not told either that the put is given up."""
    store.gate.fail(Fault.BUSY, "(PUT|DELETE)", "uploadId=")
    fails(lambda: store.objects.put(KEY, in_parts))
    store.gate.open()
    assert store.all_keys() == []
    assert not store.direct.exists(KEY)
    assert store.direct.clear_unfinished(LONG_AGO) == 0
    assert store.direct.clear_unfinished(TOMORROW) == 1
    assert store.direct.clear_unfinished(TOMORROW) == 0


# -- reading -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.CUT_AFTER, Fault.CUT_ANSWER])
def test_what_is_read_is_whole_or_nothing(store: Store, tmp_path: Path, fault: Fault) -> None:
    store.direct.put_bytes(KEY, NEW)
    (info,) = store.direct.list()
    copy = tmp_path / "copy"
    for read in (lambda: store.objects.read_bytes(KEY), lambda: store.objects.fetch(KEY, copy, expect=info)):
        store.gate.fail(fault, "GET", HERE)
        fails(read)
        assert not copy.exists()
        store.gate.fail(fault, "GET", HERE, times=2)
        read()
        assert store.gate.failed == 2
    assert store.objects.read_bytes(KEY) == NEW
    assert copy.read_bytes() == NEW


@pytest.mark.parametrize("fault", [Fault.ILL, Fault.CUT_AFTER, Fault.CUT_ANSWER])
def test_a_listing_is_never_too_short(store: Store, monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    monkeypatch.setattr(objects_s3, "PAGE", 5)
    given = [f"a/{number:02}" for number in range(23)]
    for key in given:
        store.direct.put_bytes(key, b"x")
    later_page = "(continuation-token|start-after)="
    store.gate.fail(fault, "GET", later_page)
    fails(lambda: list(store.objects.list()))
    assert store.gate.failed == 6
    store.gate.fail(fault, "GET", later_page, times=5)
    assert [info.key for info in store.objects.list()] == given
    assert store.gate.failed == 5


def test_a_store_that_says_nothing_is_given_up(store: Store, tmp_path: Path) -> None:
    store.direct.put_bytes(KEY, OLD)
    store.gate.fail(Fault.SILENT, "GET|PUT", HERE)
    fails(lambda: store.impatient.put_bytes(KEY, NEW))
    assert store.gate.failed == 6
    fails(lambda: store.impatient.fetch(KEY, tmp_path / "copy"))
    assert store.gate.failed == 12
    assert not (tmp_path / "copy").exists()
    assert store.direct.read_bytes(KEY) == OLD
    store.gate.fail(Fault.SILENT, "PUT", HERE, times=1)
    store.impatient.put_bytes(KEY, NEW)
    assert store.direct.read_bytes(KEY) == NEW


# -- moving and deleting -----------------------------------------------------------------------------------

PHOTO = "biometrics/26050/TRAN.jpg"


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.CUT_AFTER])
@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE"])
def test_a_move_that_fails_never_loses_the_object_and_is_finished_by_the_next(
    store: Store, method: str, fault: Fault
) -> None:
    """A move on S3 is a look, a copy and a removal: it may stop between any two of them."""
    store.direct.put_bytes(f"landing/{PHOTO}", NEW)
    store.gate.fail(fault, method, "TRAN")
    fails(lambda: settle(store.objects))
    left = [store.direct.read_bytes(key) for key in store.all_keys()]
    assert left in ([NEW], [NEW, NEW])
    store.gate.open()
    assert settle(store.objects)["left_lying"] == 0
    assert store.all_keys() == [PHOTO]
    assert store.direct.read_bytes(PHOTO) == NEW
    assert settle(store.objects) == {"moved": 0, "left_lying": 0}
