"""How fast the row and household suites run with row capture on, beside plain aggregate conditions in DuckDB.

`python -m benchmarks.suites --rows 1000000 --json`. The forms are made up here, about 3 % of them bad.
"""

import argparse
import json
import resource
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from expectations.rules import load_rules
from registry.forms import PLACES, STANDARD_SCHEMA
from registry.households import measured_forms
from tasks.validate import PLACE_UNITS, FileFacts, validate_load

_NIGHT = date(2021, 6, 30)
_COMMUNES = ("26068", "26041", "25984", "26113", "26374", "26434")
_FILE_ROWS = 100_000


def _pool(rng: np.random.Generator, rows: int, values: list[str | None], share: list[float] | None = None) -> pa.Array:
    picks = rng.choice(len(values), rows, p=share).astype(np.int32)
    return pa.DictionaryArray.from_arrays(picks, pa.array(values, pa.large_string())).cast(pa.large_string())


def _columns(rng: np.random.Generator, rows: int) -> dict[str, pa.Array]:
    """Standard columns of households of four; one form in 33 has a slip that some rule finds."""
    at = np.arange(rows)
    male = at % 2 == 0
    year = np.where(at % 4 < 2, 1970, 1995) + rng.integers(0, 8, rows)
    names = [f"NGUYỄN {middle} {given}" for middle in ("VĂN", "THỊ", "MINH") for given in ("AN", "BÌNH", "CHI", "DŨNG")]
    number = np.char.mod("%06d", at % 1_000_000)
    prefix = np.where(male, "0750", "0751").astype(object) + np.char.mod("%02d", year % 100).astype(object)
    pid = prefix + number.astype(object)
    pid[rng.random(rows) < 0.1] = None
    bad = rng.random(rows)
    pid[bad < 0.01] = "0750"
    birth = (
        np.char.mod("%04d", year).astype(object) + "-" + np.char.mod("%02d", 1 + at % 12).astype(object) + "-15"
    )
    birth[(bad > 0.01) & (bad < 0.02)] = None
    head = np.where(at % 4 == 0, "HEAD", np.where(at % 4 == 1, "WIFE", "CHILD")).astype(object)
    head[(bad > 0.02) & (bad < 0.03)] = None
    communes: list[str | None] = [*_COMMUNES]
    return {
        "form_no": pa.array(np.char.mod("75-%09d", at).astype(object), pa.large_string()),
        "form_edition": _pool(rng, rows, ["104/2020"]),
        "full_name": _pool(rng, rows, [*names]),
        "birth_date": pa.array(birth, pa.large_string()),
        "sex": pa.array(np.where(male, "M", "F").astype(object), pa.large_string()),
        "marital_status": _pool(rng, rows, ["MARRIED", "SINGLE"]),
        "ethnicity": _pool(rng, rows, ["01", "02", None], [0.85, 0.1, 0.05]),
        "religion": _pool(rng, rows, ["00", "02", None]),
        "nationality": _pool(rng, rows, ["VN"]),
        **{place: _pool(rng, rows, communes) for place in PLACES if place != "temporary_place"},
        "permanent_address": pa.array(np.char.mod("Tổ %d, khu phố 3", at % 5000).astype(object), pa.large_string()),
        "pid": pa.array(pid, pa.large_string()),
        "cmnd_no": pa.array(np.char.mod("27%07d", at).astype(object), pa.large_string()),
        "father_name": _pool(rng, rows, [*names, None]),
        "mother_name": _pool(rng, rows, [*names, None]),
        "household_no": pa.array(np.char.mod("H%08d", at // 4).astype(object), pa.large_string()),
        "head_name": _pool(rng, rows, [*names[:1]]),
        "relation_to_head": pa.array(head, pa.large_string()),
        "phone": pa.array(np.char.mod("09%08d", at).astype(object), pa.large_string()),
    }


def make_forms(folder: Path, rows: int) -> list[FileFacts]:
    """Writes `standard.parquet` of `rows` made-up forms in files of 100,000."""
    rng = np.random.default_rng(5)
    values = _columns(rng, rows)
    raw = {f"{name}_raw": column for name, column in values.items()}
    blank = pa.nulls(rows, pa.large_string()).fill_null("?")
    for name in ("birth_date", "relation_to_head"):
        raw[f"{name}_raw"] = pa.compute.coalesce(values[name], blank)
    at = np.arange(rows)
    raw["declared_on_raw"] = _pool(rng, rows, ["01/05/2021"])
    given = {
        **values,
        **raw,
        **{f"{place}_from": pa.array([date(2021, 11, 15)] * rows, pa.date32()) for place in PLACES},
        "file_no": at // _FILE_ROWS,
        "row_no": at % _FILE_ROWS + 1,
        "form_id": np.char.mod("%032x", at).astype(object),
        "sender": _pool(rng, rows, ["75"]),
        "stated_on": pa.array([date(2021, 5, 1)] * rows),
        "declared_on": pa.array([date(2021, 5, 1)] * rows),
        "full_name_key": values["full_name"],
        "father_name_key": values["father_name"],
        "mother_name_key": values["mother_name"],
    }
    columns = {
        field.name: pa.array(given[field.name], field.type) if field.name in given else pa.nulls(rows, field.type)
        for field in STANDARD_SCHEMA
    }
    pq.write_table(pa.table(columns, STANDARD_SCHEMA), folder / "standard.parquet", row_group_size=131_072)
    files = -(-rows // _FILE_ROWS)
    return [FileFacts(file_no=n, rows=min(_FILE_ROWS, rows - n * _FILE_ROWS), unreadable=0) for n in range(files)]


def _floor(folder: Path) -> float:
    """Seconds of DuckDB for the same conditions as plain counts over the same view, no row captured."""
    rules = [*load_rules("row"), *load_rules("household")]
    counts = ", ".join(f"count(*) FILTER (NOT ({rule.condition}))" for rule in rules)
    started = time.perf_counter()
    with measured_forms(folder / "standard.parquet", business_date=_NIGHT, units=PLACE_UNITS) as connection:
        connection.execute(f"SELECT {counts} FROM forms").fetchall()
    return time.perf_counter() - started


def main() -> None:
    """Makes the forms, validates them, and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        files = make_forms(folder, arguments.rows)
        started = time.perf_counter()
        validated = validate_load(folder, files=files, business_date=_NIGHT, docs=None)
        seconds = time.perf_counter() - started
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        floor = _floor(folder)
    figures = {
        "rows": arguments.rows,
        "rules": len(load_rules("row")) + len(load_rules("household")),
        "seconds": round(seconds, 3),
        "rows_per_second": round(arguments.rows / seconds),
        "peak_mb": round(peak_mb),
        "quarantined": sum(file.quarantined for file in validated.files),
        "floor_seconds": round(floor, 3),
        "ratio_to_floor": round(seconds / floor, 2),
    }
    for name, value in figures.items():
        print(f"{name:>16}  {value}")
    if arguments.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()


