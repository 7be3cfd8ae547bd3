"""How fast the row and household suites run with row capture on, beside plain counts of the same conditions.

`python -m benchmarks.suites --rows 1000000 --json`. Measured is all of `validate_load`: reading the Parquet,
measures of households, the suites, findings and reports written. The floor is DuckDB counting the rows that fail
each condition, over the same measures and without telling which rows. The forms are made up here; about 3 % of
them have a slip that some rule finds.
"""

import argparse
import json
import resource
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb

from expectations.rules import load_rules
from registry.forms import PLACES, STANDARD_SCHEMA
from registry.households import measured_forms
from tasks.validate import PLACE_UNITS, FileFacts, validate_load

_NIGHT = date(2021, 6, 30)
_FILE_ROWS = 100_000

#: Household i // 4 has a head, a spouse and two children; `slip` is 0 to 99 and the same in every run.
_ROWS = """
    SELECT
        i, i // 4 AS home, i % 4 AS member, hash(i) % 100 AS slip, i % 2 = 0 AS male,
        ['AN', 'BÌNH', 'CHI', 'DŨNG', 'GIANG', 'HÀ', 'KHANH'] AS given,
        if(member < 2, 1970, 1992) + hash(i + 7) % 7 AS year,
        'NGUYỄN VĂN ' || given[1 + home % 7] AS head,
        (25993 + 3 * (home % 9))::VARCHAR AS commune
    FROM range($rows) AS numbers(i)
"""

#: Standard values; columns that are not here are empty.
_VALUES = {
    "form_no": "format('75-{:09d}', i)",
    "form_edition": "'104/2020'",
    "declared_on": "DATE '2021-05-01'",
    "full_name": "CASE member WHEN 0 THEN head ELSE if(male, 'NGUYỄN VĂN ', 'TRẦN THỊ ') || given[1 + i % 7] END",
    "birth_date": "CASE WHEN slip <> 1 THEN format('{:04d}-{:02d}-{:02d}', year, 1 + i % 12, 1 + i % 28) END",
    "sex": "if(male, 'M', 'F')",
    "marital_status": "if(member < 2, 'MARRIED', 'SINGLE')",
    "ethnicity": "if(i % 20 = 0, '02', '01')",
    "religion": "CASE WHEN i % 3 = 0 THEN '00' END",
    "nationality": "'VN'",
    "birth_registration_place": "commune",
    "origin_place": "commune",
    "permanent_place": "commune",
    "permanent_address": "format('Tổ {:d}, khu phố 3', i % 5000)",
    "pid": """CASE WHEN slip = 0 THEN '0750' WHEN i % 10 > 0 THEN
              format('075{:d}{:02d}{:06d}', if(male, 0, 1), year % 100, i % 1000000) END""",
    "cmnd_no": "CASE WHEN member < 2 THEN format('27{:07d}', i) END",
    "father_name": "CASE WHEN member > 1 THEN head ELSE 'NGUYỄN VĂN ' || given[1 + i % 5] END",
    "mother_name": "'TRẦN THỊ ' || given[1 + home % 6]",
    "household_no": "format('H{:08d}', home)",
    "head_name": "head",
    "relation_to_head": "CASE WHEN slip <> 2 THEN ['HEAD', 'WIFE', 'CHILD', 'CHILD'][1 + member] END",
    "phone": "format('09{:08d}', i)",
}

_BESIDE = {
    "file_no": f"i // {_FILE_ROWS}",
    "row_no": f"i % {_FILE_ROWS} + 1",
    "form_id": "md5(i::VARCHAR)",
    "sender": "'75'",
    "stated_on": "DATE '2021-05-01'",
    **{f"{place}_from": "DATE '2021-11-15'" for place in PLACES},
    "full_name_key": f"strip_accents({_VALUES['full_name']})",
    "father_name_key": f"strip_accents({_VALUES['father_name']})",
    "mother_name_key": f"strip_accents({_VALUES['mother_name']})",
    **{f"{column}_raw": f"coalesce(({_VALUES[column]})::VARCHAR, '?')" for column in _VALUES},
    "religion_raw": f"({_VALUES['religion']})",
    "pid_raw": f"({_VALUES['pid']})",
    "cmnd_no_raw": f"({_VALUES['cmnd_no']})",
}


def make_forms(folder: Path, rows: int) -> list[FileFacts]:
    """Writes `standard.parquet` of `rows` made-up forms in files of 100,000."""
    made = {**_VALUES, **_BESIDE}
    columns = ", ".join(f"{made.get(name, 'NULL::VARCHAR')} AS {name}" for name in STANDARD_SCHEMA.names)
    with duckdb.connect(config={"threads": 2}) as connection:
        forms = connection.sql(f"SELECT {columns} FROM ({_ROWS})", params={"rows": rows})
        forms.write_parquet(str(folder / "standard.parquet"), compression="zstd", row_group_size=131_072)
    files = -(-rows // _FILE_ROWS)
    return [FileFacts(file_no=n, rows=min(_FILE_ROWS, rows - n * _FILE_ROWS), unreadable=0) for n in range(files)]


def measure(rows: int) -> dict[str, float]:
    """Makes the forms, validates them, counts the floor, and returns the figures."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        files = make_forms(folder, rows)
        started = time.perf_counter()
        validated = validate_load(folder, files=files, business_date=_NIGHT, docs=None)
        seconds = time.perf_counter() - started
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        floor = _floor(folder)
    return {
        "rows": rows,
        "rules": len(_rules()),
        "seconds": round(seconds, 3),
        "rows_per_second": round(rows / seconds),
        "peak_mb": round(peak_mb),
        "findings": sum(validated.failed.values()),
        "quarantined": sum(file.quarantined for file in validated.files),
        "floor_seconds": round(floor, 3),
        "ratio_to_floor": round(seconds / floor, 2),
    }


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = measure(arguments.rows)
    for name, value in figures.items():
        print(f"{name:>16}  {value}")
    if arguments.json:
        print(json.dumps(figures))


def _rules() -> list[str]:
    return [rule.kwargs["condition"] for suite in ("row", "household") for rule in load_rules(suite)]


def _floor(folder: Path) -> float:
    counts = ", ".join(f"count(*) FILTER (NOT ({condition}))" for condition in _rules())
    started = time.perf_counter()
    with measured_forms(folder / "standard.parquet", business_date=_NIGHT, units=PLACE_UNITS) as connection:
        connection.execute(f"SELECT {counts} FROM forms").fetchall()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
