"""Real servers for tests: S3 twice, the embedded PostgreSQL once; all gone when the tests end."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import boto3
import psutil
from sqlalchemy import Engine

from registry.database import close_database, migrate, open_database

REPOSITORY = Path(__file__).parents[1]

ACCESS_KEY = "test-access"
SECRET_KEY = "test-secret"
BUCKET = "register"


@dataclass(frozen=True)
class S3Server:
    """An S3 server on loopback with one empty bucket; the credentials are in the environment."""

    endpoint_url: str
    url: str = f"s3://{BUCKET}/national"


_MOTO = """
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
input()
"""


@contextmanager
def moto() -> Iterator[S3Server]:
    """Moto's server: versions and conditions as AWS has them, in memory, no check of keys."""
    command = [sys.executable, "-c", _MOTO]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        try:
            yield _with_bucket(f"http://127.0.0.1:{int(server.stdout.readline())}")
        finally:
            server.kill()


@contextmanager
def rclone() -> Iterator[S3Server]:
    """Rclone's server: on disk, checks keys, knows few conditions."""
    with tempfile.TemporaryDirectory(prefix="dancu-test-") as folder:
        log = Path(folder, "log")
        store = Path(folder, "store")
        store.mkdir()
        command = [
            str(Path(sys.executable).parent / "rclone"), "serve", "s3", "--config", "", "--log-file", str(log),
            "--addr", "127.0.0.1:0", "--auth-key", f"{ACCESS_KEY},{SECRET_KEY}", str(store),
        ]  # fmt: skip
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        try:
            yield _with_bucket(_address(server, log))
        finally:
            server.terminate()
            server.wait(10)


def _address(server: "subprocess.Popen[bytes]", log: Path) -> str:
    give_up = time.monotonic() + 20
    while server.poll() is None and time.monotonic() < give_up:
        if log.exists() and (found := re.search(r"\[(http://[^/\]]+)", log.read_text())):
            return found[1]
        time.sleep(0.02)
    raise RuntimeError(f"rclone does not serve: {log.read_text() if log.exists() else 'no log'}")


def _with_bucket(endpoint_url: str) -> S3Server:
    client = boto3.client(
        "s3", endpoint_url=endpoint_url, aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY,
        region_name="us-east-1",
    )  # fmt: skip
    client.create_bucket(Bucket=BUCKET)
    client.close()
    return S3Server(endpoint_url)


# -- the embedded PostgreSQL -------------------------------------------------------------------------------

#: For tests only: nothing has to survive a power cut, and little memory is needed.
TEST_SETTINGS = "fsync = off\nshared_buffers = '128MB'\nmin_wal_size = '80MB'\n"


@contextmanager
def postgres_home(settings: str = TEST_SETTINGS) -> Iterator[Path]:
    """A private home for an embedded PostgreSQL; whatever serves from it is gone afterwards."""
    above = Path(tempfile.mkdtemp(prefix="dancu-test-", dir=_quick_folder()))
    home = above / "home"
    home.mkdir(mode=0o700)
    (home / "postgres").mkdir(mode=0o700)
    (home / "postgres" / "local.conf").write_text(settings)
    (home / "postgres" / "local.conf").chmod(0o600)
    try:
        yield home
    finally:
        for process in servers_of(home):
            process.kill()
        shutil.rmtree(above)


def _quick_folder() -> str | None:
    """Memory where the machine lends enough of it: making and removing a cluster takes seconds on some disks."""
    memory = "/dev/shm"  # noqa: S108  a private folder is made in it
    try:
        room = os.statvfs(memory)
    except OSError:
        return None
    return memory if room.f_frsize * room.f_bavail >= 4 * 1024**3 else None


def servers_of(home: Path) -> list[psutil.Process]:
    """Server processes whose working folder is the cluster of `home`."""
    data = str(home / "postgres" / "data")
    found = []
    for process in psutil.process_iter(["name"]):
        try:
            if process.info["name"] == "postgres" and process.cwd() == data:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.ZombieProcess, FileNotFoundError):
            continue
    return found


def postmaster_of(home: Path) -> psutil.Process:
    """The one process that all others of the server descend from."""
    return psutil.Process(int((home / "postgres" / "data" / "postmaster.pid").read_text().split()[0]))


def make_database(server: Engine, name: str, *, template: str) -> str:
    """Makes a copy of a database, in place of one of that name; its URL."""
    with server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
    return server.url.set(database=name).render_as_string(hide_password=False)


#: A database with nothing in it at all.
EMPTY = "template1"


@cache
def newest(server: Engine) -> str:
    """Name of a database with the newest store in it, and nothing in the store, to be copied."""
    engine = open_database(make_database(server, "newest", template=EMPTY), home=Path("unused"))
    migrate(engine)
    close_database(engine)
    return "newest"
