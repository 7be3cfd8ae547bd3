"""PostgreSQL: opening it, bulk in and out, SQL files, the lock of the night, migrations.

The server is the embedded one (see `registry.embedded`) or any PostgreSQL of version 15 or later by URL. One
SQLAlchemy Core engine over psycopg 3 serves both.
"""

import atexit
import io
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from registry.bulk import copy_in, copy_out, stream_out
from registry.database_errors import hide_values
from registry.embedded import EmbeddedServer
from registry.errors import PlatformError, UsageError

__all__ = [
    "close_database",
    "copy_in",
    "copy_out",
    "load_sql",
    "look_up",
    "migrate",
    "nightly_lock",
    "open_database",
    "reading",
    "stream_out",
]

OLDEST_SERVER = 15

#: How long a connection is tried while the server starts or recovers, in seconds.
PATIENCE = 30.0

#: Key of the advisory lock that one nightly run holds ("dancu" and a number).
NIGHTLY_LOCK = 0x64616E6375_01
MIGRATION_LOCK = 0x64616E6375_02

#: Set on every connection: no JIT, and a client that dies frees its locks within half a second.
SESSION = {"jit": "off", "client_connection_check_interval": "500ms", "timezone": "UTC", "datestyle": "ISO"}

_SQL = Path(__file__).parent / "sql"
_MIGRATIONS = Path(__file__).parents[1] / "migrations"

#: What a server that is starting, stopping or recovering answers.
_PASSING = (
    "starting up", "shutting down", "in recovery mode", "not yet accepting", "Connection refused",
    "No such file or directory", "closed the connection", "Connection reset",
)  # fmt: skip

#: Engines on an embedded server that this process holds; a forked child holds none.
_servers: dict[Engine, EmbeddedServer] = {}
os.register_at_fork(after_in_child=_servers.clear)


# -- opening -----------------------------------------------------------------------------------------------


def open_database(url: str | None, *, home: Path) -> Engine:
    """An engine on the store.

    Without `url` the embedded server under `<home>/postgres` is started or joined; the last process that uses
    it stops it when it ends. Connections wait up to 30 seconds for a server that starts or recovers. Errors
    that come out of the engine never hold a value of a row.

    Raises:
        UsageError: `url` is not a PostgreSQL URL.
        PlatformError: the server does not come up, is older than 15 or does not keep UTF-8.
    """
    server = None if url else EmbeddedServer(home.expanduser().resolve())
    if server is not None:
        server.hold()
    target = server.url if server is not None else _normalised(url or "")
    engine = create_engine(
        target, pool_pre_ping=True, pool_size=4, max_overflow=12, hide_parameters=True,
        connect_args={"options": _session_options(target), "keepalives_idle": 60},
    )  # fmt: skip
    event.listen(engine, "do_connect", partial(_connect, server))
    event.listen(engine, "handle_error", hide_values)
    if server is not None:
        _servers[engine] = server
    try:
        _check_server(engine)
    except BaseException:
        close_database(engine)
        raise
    return engine


def close_database(engine: Engine) -> None:
    """Give back the engine's connections and, for the embedded server, let go of it. May be called twice."""
    engine.dispose()
    server = _servers.pop(engine, None)
    if server is not None:
        server.release()


@atexit.register
def _close_all() -> None:
    for engine in list(_servers):
        close_database(engine)


def _normalised(url: str) -> URL:
    try:
        target = make_url(url)
    except ArgumentError as error:
        raise UsageError("DANCU_DATABASE_URL is not a URL; the operator mends it") from error
    if target.get_backend_name() not in ("postgresql", "postgres"):
        raise UsageError("DANCU_DATABASE_URL must start with postgresql://; the operator mends it")
    return target.set(drivername="postgresql+psycopg")


def _session_options(target: URL) -> str:
    given = target.query.get("options", "")
    own = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
    return f"{own} {given if isinstance(given, str) else ' '.join(given)}".strip()


def _connect(
    server: EmbeddedServer | None, _dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]
) -> psycopg.Connection:
    """Connect, waiting for a server that is about to be there and reviving an embedded one that died."""
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            return psycopg.connect(*arguments, **options)
        except psycopg.OperationalError as error:
            if not any(answer in str(error) for answer in _PASSING) or time.monotonic() > give_up:
                raise
        if server is not None:
            server.revive()
        time.sleep(0.2)


def _check_server(engine: Engine) -> None:
    try:
        with engine.connect() as connection:
            version = connection.exec_driver_sql("SHOW server_version_num").scalar_one()
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
    except OperationalError as error:
        raise PlatformError(
            f"PostgreSQL at {engine.url.render_as_string(hide_password=True)} cannot be reached; "
            "the operator checks DANCU_DATABASE_URL and the server"
        ) from error
    if int(version) // 10000 < OLDEST_SERVER:
        raise PlatformError(f"PostgreSQL is older than {OLDEST_SERVER}; the operator brings a newer server")
    if encoding != "UTF8":
        raise PlatformError(f"the database keeps {encoding}, not UTF8; the operator makes one with UTF8")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One look at the store: what a night commits meanwhile is not in it."""
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def look_up(store: Connection, *, on: bool = True) -> None:
    """Joins look their rows up by key from here on, until the transaction ends or it is switched off.

    For a small part of a large table, which the planner would read whole.
    """
    for way in ("hashjoin", "mergejoin"):
        store.execute(text(f"SET LOCAL enable_{way} = {'off' if on else 'on'}"))


# -- SQL files ---------------------------------------------------------------------------------------------


@cache
def load_sql(verb: str, name: str) -> str:
    """The one statement in `registry/sql/<verb>/<name>.sql`."""
    return (_SQL / verb / f"{name}.sql").read_text(encoding="utf-8")


# -- locks and migrations ----------------------------------------------------------------------------------


@contextmanager
def nightly_lock(engine: Engine, *, wait_seconds: float = 0.0) -> Iterator[bool]:
    """Hold the lock of the night on a connection of its own; yields whether it was got.

    The server lets go of it when this process dies, however it dies.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        got = _wait_for_lock(connection, wait_seconds)
        try:
            yield got
        finally:
            if got:
                with suppress(DBAPIError):  # the connection broke, and the lock went with it
                    connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": NIGHTLY_LOCK})


def _wait_for_lock(connection: Connection, wait_seconds: float) -> bool:
    give_up = time.monotonic() + wait_seconds
    statement = text("SELECT pg_try_advisory_lock(:key)")
    while not connection.execute(statement, {"key": NIGHTLY_LOCK}).scalar_one():
        if time.monotonic() >= give_up:
            return False
        time.sleep(0.2)
    return True


def migrate(engine: Engine, *, scripts: Path = _MIGRATIONS) -> None:
    """Bring the store to the newest form, in one transaction; safe to repeat, and with two at once."""
    from alembic import command  # noqa: PLC0415  a tenth of a second that only `dancu init` needs
    from alembic.config import Config  # noqa: PLC0415

    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        config = Config(output_buffer=io.StringIO(), attributes={"connection": connection})
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        command.upgrade(config, "head")
