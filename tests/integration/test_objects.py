"""One contract, three stores: a local folder, moto's S3 and rclone's S3."""

import datetime as dt
import hashlib
import os
import subprocess
import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import duckdb
import pyarrow as pa
import pytest

from registry import objects_s3
from registry.cards.biometrics import look_at, settle
from registry.cards.dossiers import DOSSIER_SCHEMA
from registry.errors import PlatformError, UsageError
from registry.objects import (
    ChangedWhileRead,
    Fetched,
    ObjectMissing,
    Objects,
    ObjectTooLarge,
    bad_key,
    is_partial_name,
    open_objects,
    put_folder,
)
from registry.objects_local import LocalObjects
from samples.photos import photo
from tests.servers import BUCKET, S3Server

TOMORROW = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)


@pytest.fixture(params=["local", "s3_moto", "s3_rclone"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    if request.param == "local":
        return open_objects(None, home=tmp_path / "home")
    server = request.getfixturevalue(request.param)
    return open_objects(f"s3://{BUCKET}/{uuid.uuid4().hex}", home=tmp_path, endpoint_url=server.endpoint_url)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def keys(objects: Objects, prefix: str = "") -> list[str]:
    return [info.key for info in objects.list(prefix)]


def test_what_was_put_is_read_listed_and_deleted(objects: Objects, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"abc" * 500_000)
    objects.put("landing/registers/00001/xã.csv", source)
    objects.put_bytes("landing/registers/00001/empty", b"")

    assert [(info.key, info.size) for info in objects.list("landing/")] == [
        ("landing/registers/00001/empty", 0),
        ("landing/registers/00001/xã.csv", 1_500_000),
    ]
    assert objects.read_bytes("landing/registers/00001/xã.csv") == source.read_bytes()
    assert objects.exists("landing/registers/00001/empty")
    assert not objects.exists("landing/registers/00001")

    objects.delete("landing/registers/00001/empty")
    objects.delete("landing/registers/00001/empty")
    assert not objects.exists("landing/registers/00001/empty")
    assert keys(objects, "landing/") == ["landing/registers/00001/xã.csv"]


def test_a_later_put_takes_the_place(objects: Objects) -> None:
    objects.put_bytes("a/b", b"first")
    (before,) = objects.list()
    objects.put_bytes("a/b", b"other")
    (after,) = objects.list()
    assert objects.read_bytes("a/b") == b"other"
    assert before.size == after.size
    assert before.version != after.version


def test_an_object_moves_and_never_takes_the_place_of_another(objects: Objects) -> None:
    objects.put_bytes("landing/biometrics/1/photo 1é.jpg", b"one")
    assert objects.move("landing/biometrics/1/photo 1é.jpg", "biometrics/1/photo 1é.jpg")
    assert keys(objects) == ["biometrics/1/photo 1é.jpg"]
    objects.put_bytes("landing/biometrics/1/photo 1é.jpg", b"two")
    assert not objects.move("landing/biometrics/1/photo 1é.jpg", "biometrics/1/photo 1é.jpg")
    assert objects.read_bytes("biometrics/1/photo 1é.jpg") == b"one"
    assert objects.read_bytes("landing/biometrics/1/photo 1é.jpg") == b"two"
    with pytest.raises(ObjectMissing):
        objects.move("landing/biometrics/1/nothing", "biometrics/1/nothing")


def test_listings_are_sorted_by_whole_key_and_by_prefix(objects: Objects) -> None:
    given = ["a/b/c", "a-b", "a.b", "a/b.c", "a0", "b", "a/b/a", "ă", "Z"]
    for key in given:
        objects.put_bytes(key, b"x")
    assert keys(objects) == sorted(given)
    assert keys(objects, "a/b") == ["a/b.c", "a/b/a", "a/b/c"]
    assert keys(objects, "a/b/") == ["a/b/a", "a/b/c"]
    assert keys(objects, "nothing/here/") == []


def test_a_listing_longer_than_a_page(objects: Objects, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects_s3, "PAGE", 10)
    folder = tmp_path / "many"
    for number in range(55):
        (folder / f"{number % 3}").mkdir(parents=True, exist_ok=True)
        (folder / f"{number % 3}" / f"{number:04}.csv").write_bytes(b"x")
    assert put_folder(folder, objects) == 55
    assert keys(objects, "landing/") == sorted(f"landing/{n % 3}/{n:04}.csv" for n in range(55))


def test_a_listing_of_thousands(objects: Objects) -> None:
    """More than two pages of what a server gives at once, put in another order than they are listed in."""
    given = [f"landing/{number % 7}/{number:04}.csv" for number in range(2 * objects_s3.PAGE + 100)]
    with ThreadPoolExecutor(8) as pool:
        for _ in pool.map(lambda key: objects.put_bytes(key, b"x"), reversed(given)):
            pass
    assert keys(objects, "landing/") == sorted(given)
    assert keys(objects, "landing/3/") == sorted(key for key in given if key.startswith("landing/3/"))


def test_an_object_that_is_put_in_parts_is_the_same_bytes(objects: Objects, tmp_path: Path) -> None:
    """On S3 it goes in parts of its size; what it takes the place of is known to have changed."""
    source, copy = tmp_path / "source", tmp_path / "copy"
    source.write_bytes(os.urandom(1_000_003) * (objects_s3.TRANSFER.multipart_threshold // 1_000_000 + 1))
    objects.put("archive/large", source)
    (info,) = objects.list()
    expected = Fetched(sha256(source), source.stat().st_size)
    assert objects.fetch("archive/large", copy, expect=info) == expected
    assert (sha256(copy), info.size) == (expected.sha256, expected.size)
    with source.open("r+b") as file:
        file.write(b"another")
    objects.put("archive/large", source)
    with pytest.raises(ChangedWhileRead):
        objects.fetch("archive/large", None, expect=info)
    assert objects.fetch("archive/large", None).sha256 == sha256(source)
    assert objects.clear_unfinished(TOMORROW) == 0


def test_fetch_hashes_and_copies(objects: Objects, tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    objects.put_bytes("a/b", data)
    (info,) = objects.list()
    expected = Fetched(hashlib.sha256(data).hexdigest(), len(data))
    to = tmp_path / "copy"

    assert objects.fetch("a/b", to, expect=info) == expected
    assert to.read_bytes() == data
    assert to.stat().st_mode & 0o777 == 0o600
    assert objects.fetch("a/b", None) == expected


def test_fetch_notices_another_object_under_the_key(objects: Objects, tmp_path: Path) -> None:
    objects.put_bytes("a/b", b"first")
    (info,) = objects.list()
    objects.put_bytes("a/b", b"other")
    with pytest.raises(ChangedWhileRead):
        objects.fetch("a/b", tmp_path / "copy", expect=info)
    objects.delete("a/b")
    with pytest.raises(ChangedWhileRead):
        objects.fetch("a/b", tmp_path / "copy", expect=info)
    assert not (tmp_path / "copy").exists()


def test_fetch_notices_a_change_on_the_way(objects: Objects, tmp_path: Path) -> None:
    """The object is replaced after its first bytes were read: nobody gets a mixture."""
    objects.put_bytes("a/b", b"1" * 4_000_000)
    (info,) = objects.list()
    reading, replaced = threading.Event(), threading.Event()

    def replace() -> None:
        reading.wait(10)
        objects.put_bytes("a/b", b"2" * 4_000_000)
        replaced.set()

    thread = threading.Thread(target=replace)
    thread.start()
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    failures: list[BaseException] = []

    def fetch() -> None:
        try:
            objects.fetch("a/b", fifo, expect=info)
        except ChangedWhileRead as error:
            failures.append(error)

    fetching = threading.Thread(target=fetch)
    fetching.start()
    with fifo.open("rb") as drain:
        drain.read(10)
        reading.set()
        replaced.wait(10)
        drain.read()
    fetching.join(20)
    thread.join(20)
    assert len(failures) == 1


def test_as_file_copies_what_is_elsewhere_and_nothing_else(objects: Objects, tmp_path: Path) -> None:
    objects.put_bytes("a/b", b"12345")
    copy = tmp_path / "copies" / "b"
    path = objects.as_file("a/b", copy)
    assert path.read_bytes() == b"12345"
    assert path == (objects.local_path("a/b") or copy)
    assert copy.exists() == (objects.local_path("a/b") is None)
    with pytest.raises(ObjectMissing):
        objects.as_file("a/c", copy.with_name("c"))
    assert not list(tmp_path.rglob("c*.part"))


def test_what_is_missing(objects: Objects, tmp_path: Path) -> None:
    with pytest.raises(ObjectMissing):
        objects.read_bytes("a/b")
    with pytest.raises(ObjectMissing):
        objects.fetch("a/b", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()
    assert not objects.being_written("a/b")
    assert objects.local_path("a/b") is None


def test_small_reads_have_a_limit(objects: Objects) -> None:
    objects.put_bytes("a", b"12345")
    assert objects.read_bytes("a", at_most=5) == b"12345"
    with pytest.raises(ObjectTooLarge):
        objects.read_bytes("a", at_most=4)


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "a//b", "../a", "a/../../b", "a/..", "a/./b", "a\0b", "a/", "x" * 1025]
)
def test_keys_that_lead_elsewhere_are_refused(objects: Objects, tmp_path: Path, key: str) -> None:
    assert bad_key(key)
    source = tmp_path / "source"
    source.write_bytes(b"x")
    for act in (
        objects.read_bytes,
        objects.exists,
        objects.delete,
        objects.being_written,
        objects.local_path,
    ):
        with pytest.raises(UsageError):
            act(key)
    with pytest.raises(UsageError):
        objects.put(key, source)
    with pytest.raises(UsageError):
        objects.put_bytes(key, b"x")


def test_a_folder_is_put_with_its_paths_and_without_partial_files(objects: Objects, tmp_path: Path) -> None:
    folder = tmp_path / "registers"
    for name in ["registers/00001/a.csv", "registers/00001/a.csv.manifest.json", "truth.csv"]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    for name in ["registers/00001/b.csv.part", "registers/00001/.hidden", ".git/config"]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)

    assert put_folder(folder, objects) == 3
    assert keys(objects) == [
        "landing/registers/00001/a.csv",
        "landing/registers/00001/a.csv.manifest.json",
        "landing/truth.csv",
    ]
    assert put_folder(folder, objects) == 3
    with pytest.raises(UsageError):
        put_folder(folder / "truth.csv", objects)


def test_a_sidecar_lands_before_its_file(tmp_path: Path) -> None:
    put: list[str] = []

    class Noting(LocalObjects):
        def put(self, key: str, path: Path) -> None:
            put.append(key)
            super().put(key, path)

    (tmp_path / "a.csv").write_text("x")
    (tmp_path / "z.csv").write_text("x")
    (tmp_path / "z.csv.manifest.json").write_text("{}")
    put_folder(tmp_path, Noting(tmp_path / "objects"), prefix="landing")
    assert put[0] == "landing/z.csv.manifest.json"
    assert sorted(put[1:3]) == ["landing/a.csv", "landing/z.csv"]


@pytest.mark.parametrize(
    ("name", "partial"),
    [
        ("a.csv", False), ("a.csv.part", True), ("a.TMP", True), ("a.filepart", True), ("a.csv.crdownload", True),
        (".a.csv", True), ("~$a.xlsx", True), ("part.csv", False), ("tmp", False),
    ],
)  # fmt: skip
def test_partial_names(name: str, partial: bool) -> None:
    assert is_partial_name(name) is partial


# -- a local folder only -----------------------------------------------------------------------------------


@pytest.fixture
def local(tmp_path: Path) -> LocalObjects:
    return LocalObjects(tmp_path / "objects")


def test_a_local_store_is_private_at_every_level(local: LocalObjects, tmp_path: Path) -> None:
    umask = os.umask(0o000)
    try:
        local.put_bytes("a/b/c", b"x")
    finally:
        os.umask(umask)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "objects").rglob("*")}
    assert modes == {"a": 0o700, "b": 0o700, "c": 0o600}
    assert (tmp_path / "objects").stat().st_mode & 0o777 == 0o700


def test_links_are_not_followed(local: LocalObjects, tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere"
    secret.mkdir()
    (secret / "file").write_text("secret")
    local.put_bytes("landing/real", b"x")
    (tmp_path / "objects/landing/link").symlink_to(secret / "file")
    (tmp_path / "objects/landing/folder").symlink_to(secret)
    os.mkfifo(tmp_path / "objects/landing/pipe")

    assert keys(local) == ["landing/real"]
    assert keys(local, "landing/folder/") == []
    assert not local.exists("landing/link")
    with pytest.raises(ObjectMissing):
        local.read_bytes("landing/link")
    with pytest.raises(ObjectMissing):
        local.read_bytes("landing/pipe")
    with pytest.raises(UsageError):
        local.read_bytes("landing/folder/file")
    with pytest.raises(UsageError):
        local.put_bytes("landing/folder/new", b"x")
    assert [path.name for path in secret.iterdir()] == ["file"]


def test_a_name_that_is_no_utf8_can_be_listed_read_and_stored(local: LocalObjects, tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path / "objects")
    with open(os.path.join(folder, b"x\xb8\xff.csv"), "wb") as file:  # noqa: PTH123, PTH118  bytes
        file.write(b"content")
    (info,) = local.list()
    assert info.key.encode("utf-8")
    assert local.read_bytes(info.key) == b"content"
    assert local.fetch(info.key, None, expect=info).size == 7


def test_a_file_that_somebody_writes_is_noticed(local: LocalObjects, tmp_path: Path) -> None:
    local.put_bytes("a.csv", b"x")
    assert not local.being_written("a.csv")
    code = f"f = open({str(tmp_path / 'objects/a.csv')!r}, 'ab'); print('open', flush=True); input()"
    writer = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        assert local.being_written("a.csv")
        writer.communicate("\n")
    assert not local.being_written("a.csv")
    (tmp_path / "objects/a.csv").open("ab").close()  # a lease left behind would break here
    assert keys(local) == ["a.csv"]


def test_a_file_that_grows_while_it_is_read(local: LocalObjects, tmp_path: Path) -> None:
    local.put_bytes("a.csv", b"x" * 10)
    (info,) = local.list()
    with (tmp_path / "objects/a.csv").open("ab") as file:
        file.write(b"y")
    with pytest.raises(ChangedWhileRead):
        local.fetch("a.csv", tmp_path / "copy", expect=info)


def test_a_put_that_fails_leaves_the_old_object_and_no_trace(local: LocalObjects, tmp_path: Path) -> None:
    local.put_bytes("a/b", b"old")
    with pytest.raises(IsADirectoryError):
        local.put("a/b", tmp_path)
    with pytest.raises(TypeError):
        local.put_bytes("a/b", "no bytes")  # type: ignore[arg-type]
    assert local.read_bytes("a/b") == b"old"
    assert [path.name for path in (tmp_path / "objects/a").iterdir()] == ["b"]


def test_what_a_killed_put_left_is_cleared_away_and_nothing_else(local: LocalObjects, tmp_path: Path) -> None:
    left = tmp_path / "objects/a/.dancu-0123456789abcdef.part"
    local.put_bytes("a/b", b"x")
    local.put_bytes("a/.hidden.part", b"a sender's")
    left.write_bytes(b"half of so")
    assert local.clear_unfinished(dt.datetime.now(dt.UTC) - dt.timedelta(days=1)) == 0
    assert left.exists()
    assert local.clear_unfinished(TOMORROW) == 1
    assert not left.exists()
    assert keys(local) == ["a/.hidden.part", "a/b"]


# -- S3 only -----------------------------------------------------------------------------------------------


def test_s3_keys_that_no_file_can_have_are_left_out(
    s3_moto: S3Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint = s3_moto.endpoint_url
    client = boto3.client("s3", endpoint_url=endpoint)
    for key in ("odd/", "odd/a//b", "odd/../c", "odd/good"):
        client.put_object(Bucket=BUCKET, Key=key, Body=b"")
    client.close()
    objects = open_objects(f"s3://{BUCKET}", home=tmp_path, endpoint_url=endpoint)
    assert keys(objects, "odd/") == ["odd/good"]
    said = [record.getMessage() for record in caplog.records if record.name.startswith("registry")]
    assert said == ["2 odd names in the object store were left out; the operator looks after them"]


def test_s3_that_refuses_says_who_acts(s3_rclone: S3Server, tmp_path: Path) -> None:
    endpoint = s3_rclone.endpoint_url
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
        objects = open_objects(f"s3://{BUCKET}", home=tmp_path, endpoint_url=endpoint)
        with pytest.raises(PlatformError, match="the operator checks DANCU_OBJECTS_URL and the credentials"):
            list(objects.list())


@pytest.mark.parametrize("url", ["file:///tmp", "s3://", "http://bucket", "bucket"])
def test_urls_of_no_store_are_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="DANCU_OBJECTS_URL"):
        open_objects(url, home=tmp_path)


def test_biometrics_settle_and_are_read_side_by_side(objects: Objects) -> None:
    good, other = photo("good"), photo("other")
    for name, content in (("good.jpg", good), ("taken.jpg", other), ("text.jpg", b"no picture"), ("late.part", b"x")):
        objects.put_bytes(f"landing/biometrics/26050/{name}", content)
    objects.put_bytes("biometrics/26050/taken.jpg", good)
    objects.put_bytes("biometrics/26050/again.jpg", good)
    objects.put_bytes("landing/biometrics/26050/again.jpg", good)
    assert settle(objects) == {"moved": 3, "left_lying": 2}
    assert keys(objects, "landing/") == ["landing/biometrics/26050/late.part", "landing/biometrics/26050/taken.jpg"]
    assert settle(objects) == {"moved": 0, "left_lying": 2}
    named = ["good.jpg", "text.jpg", "nothing.jpg", "good.jpg"]
    rows = [{"photo": f"biometrics/26050/{name}"} for name in named]
    rows += [{"photo": "landing/x"}, {"photo": "biometrics/../x"}]
    with duckdb.connect() as local:
        local.register("given", pa.Table.from_pylist(rows, schema=DOSSIER_SCHEMA))
        look_at(objects, local, standard="given")
        found = local.execute("SELECT key, size, sha256, fault FROM object ORDER BY key").fetchall()
    text = hashlib.sha256(b"no picture").hexdigest()
    assert found == [
        ("biometrics/26050/good.jpg", len(good), hashlib.sha256(good).hexdigest(), ""),
        ("biometrics/26050/nothing.jpg", None, None, None),
        ("biometrics/26050/text.jpg", len(b"no picture"), text, "unknown-format"),
    ]
