"""How fast cards are printed: texts, zone, QR code and day of expiry, beside a plain script that does it row by row.

`python -m benchmarks.printed --rows 500000 --json`. The holders are made up here. The peer works on `--peer-rows` of
them and its time is scaled up; both must agree on every cell but the third line of the zone, for which the peer takes
the first word of every name as the surname.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.measure import measure, show
from config.card_fields import printed_texts
from registry.cards.printed import CARDS, PRINTED, QR_FIELDS, full_days, printed
from registry.cards.validity import expires_on
from registry.writing import TEXT
from samples import names
from samples.draw import TABLE_SIZE

ISSUED = {"2021": date(2021, 6, 30), "2024": date(2025, 3, 1)}
_PLACES = [f"Xã {number}, Huyện Núi, Tỉnh Sông" for number in range(170)]
_STREETS = [f"Số {number}, tổ {number % 12}" for number in range(5000)]
_LEAP_DAY = (2, 29)


def write_sample(path: Path, rows: int, layout: str) -> None:
    """Writes so many made-up rows of `registry.cards.printed.CARDS`, all of one layout."""
    rng = np.random.default_rng(5)

    def number(digits: int) -> pa.Array:
        return pc.utf8_lpad(pa.array(rng.integers(0, 10**digits, rows)).cast(TEXT), digits, "0")

    def one_of(values: Sequence[str]) -> pa.Array:
        return pa.array(values, TEXT).take(pa.array(rng.integers(0, len(values), rows)))

    groups = names.ETHNICITY_TABLE[rng.integers(0, TABLE_SIZE, rows)]
    male, young = rng.integers(0, 2, (2, rows)).astype(bool)

    def name() -> pa.Array:
        surnames = names.draw_surnames(rng, groups)
        codes = names.draw_names(rng, surnames=surnames, ethnicity=groups, male=male, young=young)
        return names.render(codes, upper=True)

    births = pa.array(np.datetime64("1935-01-01") + rng.integers(0, 27_000, rows))
    made: dict[str, pa.Array] = {
        "layout": one_of([layout]),
        "issued_on": pa.repeat(pa.scalar(ISSUED[layout]), rows),
        "pid": number(12),
        "cmnd_no": number(9),
        "full_name": name(),
        "birth_date": births.cast(TEXT),
        "sex": pa.array(np.where(male, "M", "F"), TEXT),
        "nationality": one_of(["VN"]),
        "origin_place": one_of(_PLACES),
        "birth_registration_place": one_of(_PLACES),
        "permanent_place": one_of(_PLACES),
        "permanent_address": one_of(_STREETS),
        "father_name": name(),
        "mother_name": name(),
    }
    columns = [made.get(field.name, pa.nulls(rows, field.type)).cast(field.type) for field in CARDS]
    pq.write_table(pa.table(columns, schema=CARDS), path)


def _ours(path: Path) -> dict[str, float]:
    sample = pq.read_table(path)
    cards = sample.to_pandas(types_mapper=pd.ArrowDtype)
    births, issued_on = (sample[name].combine_chunks() for name in ("birth_date", "issued_on"))
    start, start_cpu = time.monotonic(), time.process_time()
    cards["expires_on"] = pd.array(expires_on(full_days(births), issued_on), dtype=pd.ArrowDtype(pa.date32()))
    validity = time.monotonic() - start
    done = printed(cards, printed_texts())
    seconds, cpu = time.monotonic() - start, time.process_time() - start_cpu
    done.to_parquet(path.with_name("printed.parquet"))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": seconds, "cpu_seconds": cpu, "validity_seconds": validity, "peak_mb": peak_mb}


def _bare(name: str) -> str:
    marks = unicodedata.normalize("NFD", name.replace("Đ", "D"))
    return "".join(sign for sign in marks if sign.isascii() and sign != "'")


def _check_digit(signs: str) -> str:
    values = (0 if sign == "<" else int(sign, 36) for sign in signs)
    return str(sum(value * (7, 3, 1)[place % 3] for place, value in enumerate(values)) % 10)


def _moved(day: date, years: int) -> date:
    leap_day = (day.month, day.day) == _LEAP_DAY
    return (
        day.replace(year=day.year + years, day=28)
        if leap_day and (day.year + years) % 4
        else day.replace(year=day.year + years)
    )


def _until(birth: date, issued: date) -> date | None:
    to_come = (_moved(birth, age) for age in (14, 25, 40, 60))
    return next((day for day in to_come if issued < _moved(day, -2)), None)


def _one(row: Mapping[str, Any], texts: Mapping[str, Sequence[str]]) -> dict[str, str | None]:
    """The plain script: one card."""
    birth, issued, pid = date.fromisoformat(row["birth_date"]), row["issued_on"], row["pid"]
    until = _until(birth, issued)
    residence = f"{row['permanent_address']}, {row['permanent_place']}"
    words = {
        "number": pid,
        "full_name": row["full_name"],
        "birth_date": f"{birth:%d/%m/%Y}",
        "sex": {"M": "Nam", "F": "Nữ"}[row["sex"]],
        "nationality": "Việt Nam",
        "origin_place": row["origin_place"],
        "birth_registration_place": row["birth_registration_place"],
        "residence": residence,
        "issue_date": f"{issued:%d/%m/%Y}",
        "expiry_date": f"{until:%d/%m/%Y}" if until else "Không thời hạn",
    }
    first = f"IDVNM{pid[3:]}{_check_digit(pid[3:])}{pid}<<{_check_digit(f'{pid}<<')}"
    born, end = f"{birth:%y%m%d}", f"{until:%y%m%d}" if until else "991231"
    second = f"{born}{_check_digit(born)}{row['sex']}{end}{_check_digit(end)}VNM<<<<<<<<<<<"
    composite = _check_digit(first[5:] + second[:7] + second[8:15] + second[18:])
    third = _bare(row["full_name"]).replace(" ", "<<", 1).replace(" ", "<").replace("-", "<").ljust(30, "<")[:30]
    code = row | words | {"birth_date": f"{birth:%d%m%Y}", "issue_date": f"{issued:%d%m%Y}"}
    if birth <= _moved(issued, -14):
        code |= {"father_name": None, "mother_name": None}
    shown = {name: words[name] if name in texts[row["layout"]] else None for name in PRINTED}
    qr = "|".join((code[name] or "").replace("|", " ") for name in QR_FIELDS[row["layout"]])
    return {**shown, "mrz_1": first, "mrz_2": second + composite, "mrz_3": third, "qr": qr}


def _peer(path: Path, rows: int) -> float:
    """Runs the peer on the first rows and returns its seconds, having compared every cell that both have."""
    texts = printed_texts()
    cards = pq.read_table(path).slice(0, rows)
    start = time.monotonic()
    done = pa.Table.from_pylist([_one(row, texts) for row in cards.to_pylist()])
    seconds = time.monotonic() - start
    ours = pq.read_table(path.with_name("printed.parquet"), columns=done.column_names).slice(0, rows)
    for name in done.column_names:
        if name != "mrz_3" and ours[name].to_pylist() != done[name].to_pylist():
            raise SystemExit(f"The peer and dancu differ in {name}.")
    return seconds


def main() -> None:
    """Runs both and prints what was measured."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=500_000)
    options.add_argument("--peer-rows", type=int, default=20_000)
    options.add_argument("--layout", choices=sorted(ISSUED), default="2024")
    options.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options.add_argument("--sample", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.sample:
        print(json.dumps(_ours(chosen.sample)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch, "cards.parquet")
        write_sample(path, chosen.rows, chosen.layout)
        ours = measure([sys.executable, "-m", "benchmarks.printed", "--sample", str(path)], {}).output
        peer_rows = min(chosen.peer_rows, chosen.rows)
        peer_seconds = _peer(path, peer_rows) * chosen.rows / peer_rows
    result = {"rows": chosen.rows, **ours, "rows_per_second": round(chosen.rows / ours["seconds"])}
    result |= {"peer": f"plain Python row by row ({peer_rows} rows, scaled)", "peer_seconds": peer_seconds}
    result["ratio_to_peer"] = ours["seconds"] / peer_seconds
    show(result, as_json=chosen.json)


if __name__ == "__main__":
    main()
