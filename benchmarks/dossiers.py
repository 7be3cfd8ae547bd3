"""How fast dossiers are judged and taken, and how fast their photos are read.

    python -m benchmarks.dossiers [--rows 500000] [--persons 1000000] [--photos 20000] [--json]

A store of made-up persons, and a night's dossiers of half of them: landed as CSV, read, standardised, then the whole
of `take_load`. `seconds` are those of the suite with all that it needs but the photos: measures, the suite with row
capture on, findings and reports written. Looking up persons and cards, writing, and reading photos are told apart.
Floor: DuckDB counts the rows that fail each condition, over the same measures and without telling which rows. A
twentieth of the dossiers has a slip. Photos are few and shared, so that the disk is not filled.
"""

import datetime as dt
import json
import os
import resource
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import click
import duckdb
from sqlalchemy import text

from expectations.rules import load_rules
from registry.cards.biometrics import look_at
from registry.cards.lookup import look_up
from registry.cards.measures import measure_dossiers
from registry.database import close_database, load_sql, migrate
from registry.fold import connect
from samples.photos import photo
from tasks.platform import Platform, platform
from tasks.read import read
from tasks.receive import receive
from tasks.standardise import standardise
from tasks.take_dossiers import take_load

NIGHT = dt.date(2021, 7, 1)

_PERSONS = """
INSERT INTO person (person_id, full_name, birth_date, sex, nationality, pid, permanent_place, permanent_place_from,
                    permanent_address, origin_place, origin_place_from)
SELECT md5('person ' || n)::uuid, 'NGUYỄN VĂN ' || chr(65 + n % 26), (date '1950-01-01' + n % 18000)::text,
       CASE n % 2 WHEN 0 THEN 'M' ELSE 'F' END, 'VN', lpad(n::text, 12, '0'), '26050', date '1900-01-01',
       'tổ ' || n % 90, '26068', date '1900-01-01'
  FROM generate_series(1, :persons) AS n
"""
_DOSSIERS = """
COPY (
    SELECT 'D' || n AS dossier_no, lpad(n::VARCHAR, 12, '0') AS pid,
           strftime(TIMESTAMP '2021-06-01 08:00' + to_minutes(n % 30000), '%Y-%m-%dT%H:%M:00+07:00') AS captured_at,
           'station' AS mode, 'permanent' AS applicant, 'first' AS reason,
           'Nguyễn Văn ' || chr((65 + n % 26)::INT) || CASE WHEN n % 40 = 0 THEN 'a' ELSE '' END AS full_name,
           strftime(DATE '1950-01-01' + (n % 18000)::INT, '%d/%m/%Y') AS birth_date,
           CASE WHEN n % 2 = 0 THEN 'Nam' ELSE 'Nữ' END AS sex, 'Việt Nam' AS nationality, '26068' AS origin_place,
           '26050' AS permanent_place, 'Tổ ' || n % 90 AS permanent_address,
           format('biometrics/26050/{}.jpg', n % $photos) AS photo,
           CASE WHEN n % 40 = 1 THEN repeat('ab', 32) ELSE sha256 END AS photo_sha256
      FROM range(1, $rows + 1) AS numbers(n) JOIN hashes ON hashes.number = n % $photos
) TO '{path}' (HEADER)
"""


def _fill(place: Platform, *, rows: int, persons: int, photos: int, folder: Path) -> None:
    with place.engine.begin() as store:
        store.execute(text(_PERSONS), {"persons": persons})
        store.execute(text(load_sql("bulk", "create_indexes")))
        store.execute(text("ANALYZE person"))
    hashes = []
    where = place.settings.root / "objects/biometrics/26050"
    where.mkdir(parents=True)
    for number in range(photos):
        (where / f"{number}.jpg").write_bytes(photo(f"{number}"))
        hashes.append((number, place.objects.fetch(f"biometrics/26050/{number}.jpg", None).sha256))
    with duckdb.connect() as local:
        local.execute("CREATE TABLE hashes (number BIGINT, sha256 VARCHAR)")
        local.executemany("INSERT INTO hashes VALUES (?, ?)", hashes)
        local.execute(_DOSSIERS.replace("{path}", str(folder / "dossiers.csv")), {"rows": rows, "photos": photos})
    place.objects.put("landing/dossiers/26050/dossiers.csv", folder / "dossiers.csv")


def _floor(place: Platform, folder: Path) -> float:
    """Seconds in which DuckDB counts what fails, over the measures of a load."""
    counts = ", ".join(f"count(*) FILTER (NOT ({rule.condition}))" for rule in load_rules("dossier"))
    with connect() as local, place.engine.begin() as store:
        local.execute(f"CREATE VIEW standard_dossier AS FROM read_parquet('{folder / 'standard.parquet'}')")
        look_at(place.objects, local, standard="standard_dossier")
        look_up(store, local, standard="standard_dossier")
        measure_dossiers(local, standard="standard_dossier", gazetteer=place.reference.gazetteer)
        start = time.perf_counter()
        local.execute(f"SELECT {counts} FROM dossiers").fetchall()
        return time.perf_counter() - start


def measure(*, rows: int, persons: int, photos: int, home: Path) -> dict[str, Any]:
    """Makes the store and the dossiers, takes them, and returns the figures."""
    place = platform()
    migrate(place.engine)
    _fill(place, rows=rows, persons=persons, photos=photos, folder=home)
    floor, outcomes = 0.0, Counter[str]()
    for load_id in receive.fn(NIGHT, [], None):
        read.fn(load_id)
        standardise.fn(load_id)
        floor += _floor(place, place.folder(load_id))
        outcomes.update(take_load(place, place.folder(load_id)))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    with place.engine.begin() as store:
        told = store.execute(
            text("SELECT key, sum(value::float8) FROM load, jsonb_each_text(seconds) GROUP BY key")
        ).all()
        loads = store.scalar(text("SELECT count(*) FROM load"))
    spent: dict[str, float] = {str(stage): float(seconds) for stage, seconds in told}
    close_database(place.engine)
    seconds = spent["validate"]
    return {
        "rows": rows,
        "loads": loads,
        "persons": persons,
        "rules": len(load_rules("dossier")),
        "seconds": round(seconds, 3),
        "rows_per_second": round(rows / seconds),
        "look_up_seconds": round(spent["look_up"], 3),
        "merge_seconds": round(spent["merge"], 3),
        "photos": photos * int(loads or 1),
        "photos_per_second": round(photos * int(loads or 1) / spent["biometrics"]),
        "read_seconds": round(spent["read"] + spent["standardise"], 3),
        "peak_mb": round(peak_mb),
        "taken": outcomes["matched"],
        "floor_seconds": round(floor, 3),
        "ratio_to_floor": round(seconds / floor, 2),
    }


@click.command(help=__doc__)
@click.option("--rows", default=500_000, show_default=True)
@click.option("--persons", default=1_000_000, show_default=True)
@click.option("--photos", default=20_000, show_default=True)
@click.option("--json", "as_json", is_flag=True)
def main(*, rows: int, persons: int, photos: int, as_json: bool) -> None:
    """Prints the figures."""
    with tempfile.TemporaryDirectory(prefix="dancu-dossiers-") as home:
        os.environ["DANCU_HOME"] = home
        platform.cache_clear()
        figures = measure(rows=rows, persons=persons, photos=photos, home=Path(home))
    for name, value in figures.items():
        print(f"{name:>18}  {value}")
    if as_json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
