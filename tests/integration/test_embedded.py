"""The embedded PostgreSQL through its lives: starts, deaths, and who may enter."""

import os
import pwd
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from registry.database import (
    close_database,
    open_database,
)
from tests import servers

OPEN = """
import sys
from pathlib import Path
from registry.database import open_database
import encodings.idna, os, psycopg, sqlalchemy.dialects.postgresql.psycopg
if os.environ.get("RUN_AS"):
    uid, gid, *groups = map(int, os.environ["RUN_AS"].split())
    os.setgroups(groups), os.setgid(gid), os.setuid(uid)
engine = open_database(None, home=Path(sys.argv[1]))
with engine.begin() as connection:
    connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS kept (pid int)") if "make" in sys.argv else None
    connection.exec_driver_sql("INSERT INTO kept SELECT pg_backend_pid()")
    count = connection.exec_driver_sql("SELECT count(*) FROM kept").scalar_one()
print(count, flush=True)
if "wait" in sys.argv:
    input()
"""


@pytest.fixture
def new_home() -> Iterator[Path]:
    """A home in which no server ever was."""
    with servers.postgres_home() as home:
        yield home


@pytest.fixture(scope="module")
def _first_started() -> Iterator[Path]:
    with servers.postgres_home() as home:
        close_database(open_database(None, home=home))
        yield home


@pytest.fixture
def home(_first_started: Path, new_home: Path) -> Path:
    """A home with a cluster in it, which saves a second for each test that is not about making one."""
    subprocess.run(["/bin/cp", "-a", _first_started / "postgres", new_home], check=True)
    return new_home


def command(home: Path, *words: str) -> list[str]:
    return [sys.executable, "-c", OPEN, str(home), *words]


def run(home: Path, *words: str, **options: Any) -> str:
    done = subprocess.run(
        command(home, *words), capture_output=True, text=True, cwd=servers.REPOSITORY, timeout=120,
        check=False, **options,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def start(home: Path, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        command(home, *words),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=servers.REPOSITORY,
    )


# -- the life of the server --------------------------------------------------------------------------------


def test_the_server_ends_with_its_last_user_and_keeps_what_it_has(home: Path) -> None:
    assert run(home, "make") == "1"
    assert servers.servers_of(home) == []
    with start(home, "wait") as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "2\n"
        assert run(home) == "3"
        assert servers.servers_of(home) != []
        first.communicate("\n", timeout=60)
    assert servers.servers_of(home) == []


def test_many_first_starts_at_once(new_home: Path) -> None:
    processes = [start(new_home, "wait") for _ in range(3)]
    engine = open_database(None, home=new_home)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS kept (pid int)")
    close_database(engine)
    for process in processes:
        process.communicate("\n", timeout=60)
    assert servers.servers_of(new_home) == []


def test_a_killed_user_leaves_a_server_that_the_next_one_takes_over(home: Path) -> None:
    with start(home, "make", "wait") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "1\n"
        process.kill()
    assert servers.servers_of(home) != []
    assert run(home) == "2"
    assert servers.servers_of(home) == []


def test_a_killed_server_is_revived_under_the_same_engine(home: Path) -> None:
    engine = open_database(None, home=home)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE kept AS SELECT 7 AS value")
    backends = servers.servers_of(home)
    servers.postmaster_of(home).kill()
    psutil.wait_procs(backends, timeout=20)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT value FROM kept").scalar_one() == 7
    close_database(engine)
    assert servers.servers_of(home) == []


def test_a_killed_backend_costs_one_statement_and_no_more(database: Engine) -> None:
    with database.connect() as connection:
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        psutil.Process(pid).kill()
        with pytest.raises(DBAPIError):
            connection.exec_driver_sql("SELECT 1")
    with database.connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1


def test_a_process_number_left_behind_that_now_is_another_program(home: Path) -> None:
    """As after a container starts anew: postmaster.pid names a live process of the same user."""
    assert run(home, "make") == "1"
    data = home / "postgres" / "data"
    owner = data.stat().st_uid
    other = subprocess.Popen(["/bin/sleep", "60"], user=owner if os.geteuid() == 0 else None)
    try:
        note = data / "postmaster.pid"
        note.write_text(f"{other.pid}\n{data}\n1\n5432\n{data.parent}\n\n 1 1\nready   \n")
        os.chown(note, owner, -1)
        assert run(home) == "2"
    finally:
        other.kill()
        other.wait()


def test_a_first_start_that_was_killed_is_begun_again(new_home: Path) -> None:
    (new_home / "postgres" / "data.new").mkdir()
    (new_home / "postgres" / "data.new" / "PG_VERSION").write_text("18\n")
    assert run(new_home, "make") == "1"


def test_a_home_removed_under_a_running_server_is_no_error_at_the_end(home: Path) -> None:
    engine = open_database(None, home=home)
    for process in servers.servers_of(home):
        process.kill()
    (home / "postgres").rename(home / "gone")
    close_database(engine)
    assert not (home / "postgres").exists()


def test_a_home_whose_path_is_too_long_for_a_socket(home: Path) -> None:
    deep = home / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True, mode=0o700)
    engine = open_database(None, home=deep)
    sockets = Path(str(engine.url.query["host"]))
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
    assert sockets.stat().st_mode & 0o777 == 0o700
    close_database(engine)
    assert servers.servers_of(deep) == []
    assert not sockets.exists()


def test_only_the_socket_listens_and_writes_last(database: Engine) -> None:
    wanted = {
        "listen_addresses": "", "jit": "off", "full_page_writes": "on", "synchronous_commit": "on",
        "client_connection_check_interval": "500ms", "max_wal_size": "8GB", "server_encoding": "UTF8",
        "log_min_messages": "log", "log_min_error_statement": "panic", "TimeZone": "UTC",
    }  # fmt: skip
    with database.connect() as connection:
        said = {name: connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in wanted}
    assert said == wanted


# -- who may enter -----------------------------------------------------------------------------------------


def test_nothing_of_a_home_is_opened_to_others(new_home: Path) -> None:
    for name in ("objects", "scratch", "logs"):
        (new_home / name).mkdir(mode=0o700)
    above = new_home.parent
    close_database(open_database(None, home=new_home))
    assert [(new_home / name).stat().st_mode & 0o777 for name in ("objects", "scratch", "logs")] == [0o700] * 3
    assert (new_home / "postgres").stat().st_mode & 0o777 == 0o700
    for folder in (new_home, above):  # the group of a closed folder may pass, and the server is put into it
        mode = folder.stat().st_mode & 0o777
        assert mode == (0o710 if os.geteuid() == 0 else 0o700)


@pytest.mark.skipif(os.geteuid() != 0, reason="another test runs as an ordinary user anyway")
def test_as_root_another_user_serves_and_only_root_and_that_user_come_in(home: Path) -> None:
    engine = open_database(None, home=home)
    postmaster = servers.postmaster_of(home)
    assert postmaster.uids().real != 0
    assert postmaster.username() == pwd.getpwuid((home / "postgres" / "data").stat().st_uid).pw_name
    sockets = str(engine.url.query["host"])
    nobody = pwd.getpwnam("nobody")
    trying = subprocess.run(
        ["/bin/ls", sockets], user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[], cwd="/",
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Permission denied" in trying.stderr
    close_database(engine)


def test_an_ordinary_user_serves_themselves(new_home: Path) -> None:
    environment = dict(os.environ)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        for path in (new_home.parent, new_home, *new_home.rglob("*")):
            os.chown(path, nobody.pw_uid, nobody.pw_gid)
        closed = {str(folder.stat().st_gid) for folder in _closed_above(Path(psycopg.__file__))}
        environment["RUN_AS"] = " ".join([str(nobody.pw_uid), str(nobody.pw_gid), *closed])
    assert run(new_home, "make", env=environment) == "1"
    assert run(new_home, env=environment) == "2"
    assert servers.servers_of(new_home) == []
    assert [path.stat().st_mode & 0o777 for path in (new_home, new_home / "postgres")] == [0o700, 0o700]
    assert new_home.stat().st_uid == (new_home / "postgres" / "data" / "PG_VERSION").stat().st_uid != 0


def _closed_above(path: Path) -> list[Path]:
    return [parent for parent in path.parents if not parent.stat().st_mode & stat.S_IXOTH]
