"""The ways in and out of a database: URLs, COPY, errors, locks, migrations."""

import datetime as dt
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from registry.database import (
    copy_in,
    copy_out,
    load_sql,
    migrate,
    nightly_lock,
    open_database,
    stream_out,
)
from registry.errors import PlatformError, UsageError
from tests import servers

# -- URLs --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["mysql://localhost/x", "no url at all", "sqlite://"])
def test_urls_of_other_databases_are_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="DANCU_DATABASE_URL"):
        open_database(url, home=tmp_path)


def test_a_server_that_knows_no_such_database_is_the_operators(database: Engine, tmp_path: Path) -> None:
    url = database.url.set(database="nowhere", drivername="postgresql", password="hush")
    with pytest.raises(PlatformError, match="the operator checks DANCU_DATABASE_URL") as caught:
        open_database(url.render_as_string(hide_password=False), home=tmp_path)
    assert "hush" not in str(caught.value)


def test_a_database_of_another_encoding_is_refused(postgres_server: Engine, tmp_path: Path) -> None:
    with postgres_server.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS latin")
        connection.exec_driver_sql(
            "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
        )
    url = postgres_server.url.set(database="latin").render_as_string(hide_password=False)
    with pytest.raises(PlatformError, match="LATIN1"):
        open_database(url, home=tmp_path)


# -- COPY --------------------------------------------------------------------------------------------------

SCHEMA = pa.schema(
    [
        ("word", pa.large_string()),
        ("number", pa.int64()),
        ("day", pa.date32()),
        ("content", pa.large_binary()),
        ("yes", pa.bool_()),
        ("share", pa.float64()),
        ("moment", pa.timestamp("us", "UTC")),
    ]
)
TABLE = (
    "CREATE TABLE things (word text, number bigint, day date, content bytea, yes boolean, share float8, "
    "moment timestamptz)"
)

words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])) | st.sampled_from(
    [
        "",
        '"',
        '""',
        "\\.",
        "\n\\.\n",
        "\\N",
        "NULL",
        "null",
        ",",
        "\r\n",
        " ",
        "'",
        "Nguyễn Thị Ỷ",
        "ｎ",
        "\ufeff",
    ]
)
rows = st.fixed_dictionaries(
    {
        "word": st.none() | words,
        "number": st.none() | st.integers(-(2**63), 2**63 - 1),
        "day": st.none() | st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31)),
        "content": st.none() | st.binary(),
        "yes": st.none() | st.booleans(),
        "share": st.none() | st.floats(allow_nan=False),
        "moment": st.none() | st.datetimes(dt.datetime(1900, 1, 1), timezones=st.just(dt.UTC)),  # noqa: DTZ001
    }
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(things=st.lists(rows, max_size=20), cut=st.integers(0, 20))
def test_what_is_copied_in_comes_out_the_same(database: Engine, things: list[Any], cut: int) -> None:
    table = pa.Table.from_pylist(things, schema=SCHEMA)
    in_parts = pa.concat_tables([table.slice(0, cut), table.slice(cut)])
    with database.connect() as connection:
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS things; {TABLE}")
        assert copy_in(connection, "public.things", SCHEMA.names, in_parts) == len(things)
        connection.exec_driver_sql("ALTER TABLE things ADD place serial")
        query = f"SELECT {', '.join(SCHEMA.names)} FROM things ORDER BY place"
        out = copy_out(connection, query, SCHEMA)
        nulls = connection.exec_driver_sql("SELECT count(*) FROM things WHERE word IS NULL").scalar_one()
        empty = connection.exec_driver_sql("SELECT count(*) FROM things WHERE word = ''").scalar_one()
        connection.rollback()
    assert out.equals(table)
    assert nulls == sum(thing["word"] is None for thing in things)
    assert empty == sum(thing["word"] == "" for thing in things)


def test_a_column_of_nulls_alone_keeps_its_rows(database: Engine) -> None:
    schema = pa.schema([("word", pa.string())])
    table = pa.table({"word": pa.array([None, "", None, "x"], pa.string())})
    with database.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE one (word text)")
        copy_in(connection, "one", ["word"], table)
        assert copy_out(connection, "SELECT word FROM one", schema).equals(table)
        assert copy_out(connection, "SELECT word FROM one WHERE false", schema).num_rows == 0


def test_more_than_a_block_both_ways_from_batches_of_any_size(database: Engine) -> None:
    schema = pa.schema([("number", pa.int64()), ("word", pa.dictionary(pa.int32(), pa.string()))])

    def batches() -> Iterator[pa.RecordBatch]:
        for start in range(0, 200_000, 40_000):
            numbers = pa.array(range(start, start + 40_000))
            cells = pa.array([f"{'ơ' * 20}{n % 7}" for n in range(40_000)]).dictionary_encode()
            yield pa.record_batch([numbers, cells], names=["number", "word"])

    with database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE many (word text, number bigint)")
        assert copy_in(connection, "many", ["number", "word"], batches()) == 200_000
        plain = pa.schema([("number", pa.int64()), ("word", pa.string())])
        parts = list(stream_out(connection, "SELECT number, word FROM many ORDER BY number", plain))
        some = copy_out(
            connection, "SELECT number FROM many WHERE number < %(below)s AND word LIKE '%%0'",
            pa.schema([("number", pa.int64())]), {"below": 8},
        )  # fmt: skip
    assert len(parts) > 1
    assert pa.Table.from_batches(parts).equals(pa.Table.from_batches(batches()).cast(plain))
    assert some.column(0).to_pylist() == [0, 7]
    assert schema.names == plain.names


def test_a_copy_is_part_of_the_transaction(database: Engine) -> None:
    one = pa.table({"number": [1]})
    with database.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE numbers (number int)")
        connection.commit()
        copy_in(connection, "numbers", ["number"], one)
        connection.rollback()
        copy_in(connection, "numbers", ["number"], one)
        connection.commit()
    with database.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM numbers").scalar_one() == 1


# -- errors hold no value of a row -------------------------------------------------------------------------

SECRET = "079123456789"


def _chain(error: BaseException | None) -> str:
    said = ""
    while error is not None:
        said += f"{error!r} {error} "
        error = error.__cause__ or error.__context__
    return said


@pytest.mark.parametrize(
    "column",
    [pa.array([SECRET, SECRET]), pa.array([f"x{SECRET}"]), pa.array([f"\0{SECRET}"]), pa.array([SECRET * 9])],
)
def test_errors_of_copy_hold_no_value(database: Engine, column: pa.Array) -> None:
    with database.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE people (pid numeric(20) PRIMARY KEY)")
        with pytest.raises(psycopg.Error) as caught:
            copy_in(connection, "people", ["pid"], pa.table({"pid": column}))
    assert SECRET not in _chain(caught.value)
    assert "SQLSTATE" in str(caught.value)


def test_errors_of_statements_hold_no_value_and_keep_their_kind(database: Engine) -> None:
    with database.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE people (pid text CONSTRAINT one_each PRIMARY KEY)")
    with database.connect() as connection, pytest.raises(IntegrityError) as caught:
        connection.execute(text("INSERT INTO people VALUES (:pid), (:pid)"), {"pid": SECRET})
    assert SECRET not in _chain(caught.value)
    assert "one_each" in str(caught.value)
    with (
        database.connect() as connection,
        pytest.raises(DBAPIError, match='relation "nowhere" does not exist'),
    ):
        connection.execute(text("SELECT * FROM nowhere"))


def test_the_servers_log_holds_no_value(postgres_server: Engine, database: Engine) -> None:
    with database.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text("SELECT CAST(:pid AS int) + CAST('x079987' AS int)"), {"pid": SECRET})
    log = Path(str(postgres_server.url.query["host"])) / "server.log"
    assert "ready to accept connections" in log.read_text()
    assert SECRET not in log.read_text()
    assert "079987" not in log.read_text()


# -- locks and migrations ----------------------------------------------------------------------------------

LOCK = """
import sys
from pathlib import Path
from registry.database import nightly_lock, open_database
with nightly_lock(open_database(sys.argv[1], home=Path("unused"))) as got:
    print(got, flush=True)
    input()
"""


def test_one_night_at_a_time_and_a_killed_one_lets_go(database: Engine) -> None:
    url = database.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", LOCK, url],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=servers.REPOSITORY,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        began = time.monotonic()
        with nightly_lock(database) as got:
            assert not got
        assert time.monotonic() - began < 1
        threading.Timer(0.3, other.send_signal, [signal.SIGKILL]).start()
        with nightly_lock(database, wait_seconds=20) as got:
            assert got
    with nightly_lock(database) as got:
        assert got


def test_a_killed_client_stops_its_statement_and_frees_its_locks(database: Engine) -> None:
    code = LOCK.replace("input()", "").replace(
        "    print(got, flush=True)",
        "    engine = open_database(sys.argv[1], home=Path('unused')); print(got, flush=True)\n"
        "    engine.connect().exec_driver_sql('SELECT pg_advisory_lock(5), pg_sleep(600)')",
    )
    url = database.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", code, url], stdout=subprocess.PIPE, text=True, cwd=servers.REPOSITORY
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        time.sleep(0.3)
        other.kill()
    with database.connect() as connection:
        connection.exec_driver_sql("SET lock_timeout = '5s'")
        connection.exec_driver_sql("SELECT pg_advisory_lock(5)")


def test_the_lock_lets_go_when_the_work_fails(database: Engine) -> None:
    with pytest.raises(ZeroDivisionError), nightly_lock(database):
        raise ZeroDivisionError
    with nightly_lock(database) as got:
        assert got


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """A folder of migrations like ours, with two of them; the first takes a moment."""
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text((servers.REPOSITORY / "migrations" / "env.py").read_text())
    for number, before, statement in [
        ("0001", "None", "CREATE TABLE first AS SELECT pg_sleep(0.5)::text AS done"),
        ("0002", "'0001'", "CREATE TABLE second (number int)"),
    ]:
        (folder / "versions" / f"{number}.py").write_text(
            f"from alembic import op\nrevision = '{number}'\ndown_revision = {before}\n"
            f"def upgrade():\n    op.execute({statement!r})\n"
        )
    return folder


def test_migrations_run_once_also_when_two_begin_at_once(database: Engine, scripts: Path) -> None:
    failures: list[BaseException] = []

    def attempt() -> None:
        try:
            migrate(database, scripts=scripts)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=attempt) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    migrate(database, scripts=scripts)
    assert failures == []
    with database.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == ["0002"]
        assert connection.exec_driver_sql("SELECT count(*) FROM second").scalar_one() == 0


def test_a_migration_that_fails_leaves_nothing(database: Engine, scripts: Path) -> None:
    (scripts / "versions" / "0002.py").write_text(
        "from alembic import op\nrevision = '0002'\ndown_revision = '0001'\n"
        "def upgrade():\n    op.execute('SELECT nonsense')\n"
    )
    with pytest.raises(DBAPIError):
        migrate(database, scripts=scripts)
    with database.connect() as connection:
        assert connection.exec_driver_sql("SELECT to_regclass('first')").scalar_one() is None


def test_the_store_can_be_made_and_made_again(store: Engine) -> None:
    migrate(store)
    with store.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM alembic_version").scalar_one() == 1


def test_sql_is_read_from_its_file() -> None:
    assert "SELECT" in load_sql("validate", "households").upper()
    with pytest.raises(FileNotFoundError):
        load_sql("validate", "no such statement")
