"""The floor and the peer of the nightly run, on the same rows and the same server.

Floor: nothing but PostgreSQL's own COPY into a staging table and MERGE into a table of persons with a primary
key and three more indexes; who is who is given to it for free, as a column.

Peer: the script that a data engineer would write first: pandas `read_csv`, Great Expectations on object columns,
`to_sql`, `INSERT … ON CONFLICT`. It takes the personal number for who is who, and so loses who has none.
"""

import json
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine

from config.settings import Settings
from registry.database import open_database
from registry.forms import COLUMNS

_COLUMNS = ", ".join(COLUMNS)
_TEXT = ", ".join(f"{column} text" for column in COLUMNS)
_NEWER = ", ".join(f"{column} = coalesce(s.{column}, p.{column})" for column in COLUMNS)
_INDEXES = ("pid", "full_name, birth_date", "cmnd_no")


def _copy(connection: Connection, table: str, path: Path) -> None:
    driver: Any = connection.connection.driver_connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {table} (person_key, {_COLUMNS}) FROM STDIN (FORMAT csv, HEADER)") as copy,
        path.open("rb") as file,
    ):
        while block := file.read(1 << 20):
            copy.write(block)


def prepare_floor(engine: Engine, base: Path) -> None:
    """Persons of the store before the night, with their indexes."""
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA IF EXISTS floor CASCADE; CREATE SCHEMA floor")
        connection.exec_driver_sql(f"CREATE TABLE floor.person (person_key bigint PRIMARY KEY, {_TEXT})")
        connection.exec_driver_sql(f"CREATE UNLOGGED TABLE floor.staging (person_key bigint, {_TEXT})")
        _copy(connection, "floor.staging", base)
        connection.exec_driver_sql(
            f"INSERT INTO floor.person SELECT DISTINCT ON (person_key) person_key, {_COLUMNS} FROM floor.staging"
        )
        connection.exec_driver_sql("TRUNCATE floor.staging")
        for columns in _INDEXES:
            connection.exec_driver_sql(f"CREATE INDEX ON floor.person ({columns})")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE floor.person")
        connection.exec_driver_sql("CHECKPOINT")


def run_floor(engine: Engine, night: Path) -> None:
    """COPY and MERGE, one transaction."""
    with engine.begin() as connection:
        _copy(connection, "floor.staging", night)
        connection.exec_driver_sql(
            f"""
            MERGE INTO floor.person AS p
            USING (SELECT DISTINCT ON (person_key) * FROM floor.staging ORDER BY person_key) AS s
               ON p.person_key = s.person_key
             WHEN MATCHED THEN UPDATE SET {_NEWER}
             WHEN NOT MATCHED THEN INSERT (person_key, {_COLUMNS})
                  VALUES (s.person_key, {", ".join(f"s.{column}" for column in COLUMNS)})
            """
        )


def prepare_peer(engine: Engine, base: Path) -> None:
    """Persons of the store before the night, keyed by personal number."""
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA IF EXISTS peer CASCADE; CREATE SCHEMA peer")
        connection.exec_driver_sql(f"CREATE UNLOGGED TABLE peer.base (person_key bigint, {_TEXT})")
        _copy(connection, "peer.base", base)
        connection.exec_driver_sql(
            f"CREATE TABLE peer.person AS SELECT DISTINCT ON (pid) {_COLUMNS} FROM peer.base WHERE pid IS NOT NULL"
        )
        connection.exec_driver_sql("ALTER TABLE peer.person ADD PRIMARY KEY (pid)")
        for columns in _INDEXES[1:]:
            connection.exec_driver_sql(f"CREATE INDEX ON peer.person ({columns})")


def run_peer(engine: Engine, registers: Path) -> None:
    """Reads, validates, stages and upserts the way that one would write it first."""
    frames = [
        pd.read_csv(path, dtype=object, on_bad_lines="skip", keep_default_na=False, na_values=[""])
        for path in sorted(registers.rglob("*.csv"))
    ]
    frame = pd.concat(frames, ignore_index=True).astype(object)
    failing = _validate(frame)
    frame = frame.drop(index=list(failing)).drop_duplicates("pid").dropna(subset=["pid"])
    with engine.begin() as connection:
        frame.to_sql("staging", connection, schema="peer", if_exists="replace", index=False, chunksize=10_000)
        connection.exec_driver_sql(
            f"""
            INSERT INTO peer.person ({_COLUMNS}) SELECT {_COLUMNS} FROM peer.staging
            ON CONFLICT (pid) DO UPDATE SET {", ".join(f"{c} = excluded.{c}" for c in COLUMNS if c != "pid")}
            """
        )


def _validate(frame: pd.DataFrame) -> set[int]:
    """Twenty rules of Great Expectations, with the positions of failing rows."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx  # noqa: PLC0415 - its import belongs to the peer's time
    import great_expectations.expectations as gxe  # noqa: PLC0415

    patterns = {
        "pid": r"^\d{12}$", "cmnd_no": r"^(\d{9}|\d{12})$", "birth_date": r"^(\d{1,2}/\d{1,2}/)?\d{4}$",
        "declared_on": r"^\d{1,2}/\d{1,2}/\d{4}$", "permanent_place": r"^\d{5}$", "origin_place": r"^\d{5}$",
        "birth_registration_place": r"^\d{5}$", "father_id": r"^\d{9,12}$", "mother_id": r"^\d{9,12}$",
        "phone": r"^0\d{9}$",
    }  # fmt: skip
    needed = ("form_no", "full_name", "birth_date", "sex", "permanent_place", "declared_on", "household_no")
    rules: list[Any] = [gxe.ExpectColumnValuesToNotBeNull(column=column) for column in needed]
    rules += [gxe.ExpectColumnValuesToMatchRegex(column=column, regex=regex) for column, regex in patterns.items()]
    rules += [
        gxe.ExpectColumnValuesToBeInSet(column="sex", value_set=["Nam", "Nữ"]),
        gxe.ExpectColumnValueLengthsToBeBetween(column="full_name", min_value=2, max_value=60),
        gxe.ExpectColumnValuesToBeInSet(column="nationality", value_set=["Việt Nam"]),
    ]
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    batch = (
        context.data_sources.add_pandas("peer").add_dataframe_asset("forms").add_batch_definition_whole_dataframe("all")
    )
    suite = gx.ExpectationSuite(name="plain", expectations=rules)
    result = batch.get_batch({"dataframe": frame}).validate(
        suite, result_format={"result_format": "COMPLETE", "return_unexpected_index_query": False}
    )
    failing: set[int] = set()
    for rule in result.results[: len(needed) + 1]:
        failing.update(rule.result.get("unexpected_index_list") or [])
    return failing


def main() -> None:
    """`python -m benchmarks.plain floor|peer prepare|run PATH`: the last line is `{"seconds": …}`."""
    which, step, path = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    engine = open_database(None, home=Settings().root)
    work = {"floor": (prepare_floor, run_floor), "peer": (prepare_peer, run_peer)}[which][step == "run"]
    start = time.monotonic()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        work(engine, path)
    print(json.dumps({"seconds": time.monotonic() - start}))


if __name__ == "__main__":
    main()
