"""Reading: CSV into a load's Parquet beside DuckDB's reader of the same file, one large file beside many small ones.

`python -m benchmarks.read --rows 1000000 --files 1 --broken 0.001 --json`
"""

import argparse
import csv
import json
import random
import resource
import tempfile
import time
from pathlib import Path

import duckdb

from registry.forms import COLUMNS
from tasks.read import FileToRead, read_load

_CELLS = {
    "form_edition": "104/2020",
    "declared_on": "12/05/2021",
    "full_name": "Nguyễn Thị Đào",
    "sex": "Nữ",
    "marital_status": "Đã kết hôn",
    "ethnicity": "Kinh",
    "religion": "Không",
    "nationality": "Việt Nam",
    "birth_registration_place": "26041",
    "origin_place": "26041",
    "permanent_place": "26041",
    "current_place": "26041",
    "father_name": "Nguyễn Văn Bình",
    "mother_name": "Trần Thị Hoà",
    "head_name": "Nguyễn Văn Bình",
    "relation_to_head": "Con",
}


def main() -> None:
    """Writes made-up files, reads them both ways, prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=1)
    parser.add_argument("--broken", type=float, default=0.001, help="share of rows that are cut short")
    parser.add_argument("--quote-all", action="store_true")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = _write(Path(folder), args)
        floor = _floor(files)
        start = time.perf_counter()
        told = read_load(files, Path(folder))
        seconds = time.perf_counter() - start
    figures = {
        "rows": sum(file.rows for file in told),
        "unreadable": sum(file.unreadable for file in told),
        "files": len(files),
        "seconds": round(seconds, 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "floor_seconds": round(floor, 3),
        "ratio_to_floor": round(seconds / floor, 2),
    }
    print(json.dumps(figures) if args.json else "\n".join(f"{name}: {value}" for name, value in figures.items()))


def _write(folder: Path, args: argparse.Namespace) -> list[FileToRead]:
    chance = random.Random(7)
    files = []
    for number in range(args.files):
        path = folder / f"{number}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            quoting = csv.QUOTE_ALL if args.quote_all else csv.QUOTE_MINIMAL
            writer = csv.writer(file, lineterminator="\n", quoting=quoting)
            writer.writerow(COLUMNS)
            for row in range(args.rows // args.files):
                cells = _row(chance, number * args.rows // args.files + row)
                writer.writerow(cells[:30] if chance.random() < args.broken else cells)
        files.append(FileToRead(number, path, path.name, None))
    return files


def _row(chance: random.Random, number: int) -> list[str]:
    cells = _CELLS | {
        "form_no": f"DC01-{number:09d}",
        "birth_date": f"{chance.randint(1, 28):02d}/{chance.randint(1, 12):02d}/{chance.randint(1930, 2020)}",
        "pid": f"{chance.randrange(10**12):012d}",
        "father_id": f"{chance.randrange(10**12):012d}",
        "current_address": f"Số {number % 997}, tổ {number % 89}" if number % 3 == 0 else f"Tổ {number % 89}",
        "household_no": f"75{number // 4:07d}",
        "phone": f"09{chance.randrange(10**8):08d}",
    }
    return [cells.get(column, "") for column in COLUMNS]


def _floor(files: list[FileToRead]) -> float:
    start = time.perf_counter()
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE rows AS FROM read_csv(?, all_varchar = true, header = true, delim = ',', quote = '\"', "
            "null_padding = true)",
            [[str(file.path) for file in files]],
        )
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
