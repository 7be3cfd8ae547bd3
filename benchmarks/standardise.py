"""How fast forms are standardised, beside a plain script that does the same work row by row.

`python -m benchmarks.standardise --rows 1000000 --json`. The sample rows are made up here: one province's
communes as codes and, one in five, as texts in five styles; dates in two styles; names by the tens of thousands.
The peer works on `--peer-rows` of them and its time is scaled up. Both must agree on every cell that the
peer understands.
"""

import argparse
import csv
import hashlib
import json
import re
import resource
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import config
from benchmarks.measure import measure, show
from registry.forms import COLUMNS, NAMES, PLACES, READ_SCHEMA
from registry.reference import Reference
from tasks.standardise import KEYED, NUMBERS, FileStamp, standardise_load

TEXT = pa.large_string()
STAMP = FileStamp(0, "75", date(2022, 1, 1))
CONFIG = Path(config.__file__).parent
REFERENCE = Reference.load(CONFIG)

_SURNAMES = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Huỳnh",
    "Hoàng",
    "Phan",
    "Vũ",
    "Võ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
)
_MIDDLES = (
    "Văn",
    "Thị",
    "Hữu",
    "Đức",
    "Minh",
    "Ngọc",
    "Thanh",
    "Quang",
    "Xuân",
    "Thu",
    "Kim",
    "Hồng",
    "Công",
    "Đình",
    "Gia",
    "Bảo",
    "Anh",
)
_GIVEN = (
    "An",
    "Bình",
    "Châu",
    "Dũng",
    "Đào",
    "Giang",
    "Hà",
    "Hải",
    "Hạnh",
    "Hiếu",
    "Hoa",
    "Hùng",
    "Hương",
    "Lan",
    "Linh",
    "Long",
    "Mai",
    "Nam",
    "Nga",
    "Yến",
)


class Sample:
    """Draws sample columns."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._random = np.random.default_rng(5)

    def pick(self, values: Sequence[str], empty: float = 0.0) -> pa.Array:
        """Values, the first ones most often."""
        places = (self._random.random(self._rows) ** 1.7 * len(values)).astype(np.int32)
        return pa.array(values, TEXT).take(pa.array(places, mask=self._random.random(self._rows) < empty))

    def number(self, digits: int, empty: float = 0.0) -> pa.Array:
        drawn = pa.array(self._random.integers(0, 10**digits, self._rows), mask=self._random.random(self._rows) < empty)
        return pc.utf8_lpad(drawn.cast(TEXT), digits, "0")

    def name(self, empty: float = 0.0) -> pa.Array:
        parts = [self.pick(_SURNAMES, empty), self.pick(_MIDDLES), self.pick(_MIDDLES), self.pick(_GIVEN)]
        return pc.binary_join_element_wise(*parts, pa.scalar(" ", TEXT))

    def day(self, first: str, last: str, empty: float = 0.0) -> pa.Array:
        span = np.arange(np.datetime64(first), np.datetime64(last))
        styles = [pc.strftime(pa.array(span), style).to_pylist() for style in ("%d/%m/%Y", "%Y-%m-%d")]
        return self.pick(styles[0] + styles[1], empty)

    def address(self, empty: float = 0.0) -> pa.Array:
        parts = [self.number(3, empty), self.pick([f"Đường {name}" for name in _GIVEN]), self.pick(["Tổ 1", "Tổ 2"])]
        return pc.binary_join_element_wise(*parts, pa.scalar(", ", TEXT))


def _communes() -> list[str]:
    gazetteer = REFERENCE.gazetteer
    codes = [
        code
        for code, unit in gazetteer.states[0].units.items()
        if unit.level == "commune" and gazetteer.province_of(code, STAMP.sent_on) in {"75", "38", "40", "52"}
    ]
    paths = [(gazetteer.path(code, STAMP.sent_on) or code).split(", ") for code in codes[::5]]
    texts = [_STYLES[place % len(_STYLES)](path) for place, path in enumerate(paths)]
    return texts + [code for place, code in enumerate(codes) if place % 5]


def _short(name: str) -> str:
    for kind, letters in (("Xã", "X."), ("Phường", "P."), ("Thị trấn", "TT."), ("Huyện", "H."), ("Tỉnh", "T.")):
        name = name.replace(f"{kind} ", f"{letters} ", 1)
    return name.replace("Thành phố ", "TP.")


#: How the texts of places are written, one after the other.
_STYLES: tuple[Callable[[list[str]], str], ...] = (
    ", ".join,
    lambda path: ", ".join(map(_short, path)),
    lambda path: _plain(", ".join(path)).title(),
    lambda path: ", ".join(path).upper(),
    lambda path: " - ".join(reversed(path)),
)


def write_sample(path: Path, rows: int) -> None:
    """Writes `rows` made-up rows of READ_SCHEMA."""
    draw, communes = Sample(rows), _communes()
    sent = {column: draw.name(0.5) for column in NAMES} | {column: draw.number(12, 0.5) for column in NUMBERS}
    sent |= {place: draw.pick(communes, 0.3) for place in PLACES}
    sent |= {"form_no": draw.number(9), "full_name": draw.name(), "head_name": draw.name()}
    sent |= {"form_edition": draw.pick(["104/2020", "59/2021"]), "verified_by": draw.pick(["Lê An", "Võ Bình"])}
    sent |= {"declared_on": draw.day("2020-09-01", "2021-06-30"), "birth_date": draw.day("1930-01-01", "2020-12-31")}
    sent |= {"death_date": draw.day("2000-01-01", "2020-12-31", 0.97), "sex": draw.pick(["Nam", "Nữ"])}
    sent |= {"blood_group": draw.pick(["O", "A", "B", "AB"], 0.8), "religion": draw.pick(["Không", "Công giáo"])}
    sent |= {"marital_status": draw.pick(["Chưa kết hôn", "Đã kết hôn"]), "ethnicity": draw.pick(["Kinh", "Hoa"])}
    sent |= {"nationality": draw.pick(["Việt Nam"]), "relation_to_head": draw.pick(["Chủ hộ", "Con", "Vợ"])}
    sent |= {"permanent_address": draw.address(), "temporary_address": draw.address(0.9)}
    sent |= {"current_address": draw.address(0.3), "household_no": draw.number(9), "phone": draw.number(10, 0.4)}
    sent |= {"file_no": np.zeros(rows, np.int32), "row_no": np.arange(1, rows + 1)}
    sent |= {"returned_file": pa.nulls(rows, pa.int64()), "returned_row": pa.nulls(rows, pa.int64())}
    pq.write_table(pa.table({name: sent[name] for name in READ_SCHEMA.names}, schema=READ_SCHEMA), path)


def _plain(text: str) -> str:
    marks = unicodedata.normalize("NFD", text.upper().replace("Đ", "D"))
    return "".join(sign for sign in marks if not unicodedata.combining(sign))


class Peer:
    """The plain script: every cell of every row, one after the other."""

    def __init__(self) -> None:
        self._codes: dict[str, dict[str, str]] = {}
        for path in (CONFIG / "reference").glob("*.csv"):
            with path.open(encoding="utf-8", newline="") as lines:
                rows = list(csv.DictReader(lines))
            self._codes[path.stem] = {_plain(word): row["code"] for row in rows for word in (row["code"], row["vi"])}
        gazetteer = REFERENCE.gazetteer
        self._places = {code: code for code, unit in gazetteer.states[0].units.items() if unit.level == "commune"}
        self._places |= {gazetteer.path(code, STAMP.sent_on) or "": code for code in list(self._places)}

    def row(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Returns one row's standard values."""
        cells = {column: unicodedata.normalize("NFC", sent[column] or "") for column in COLUMNS}
        done: dict[str, Any] = {column: re.sub(r"\s+", " ", text).strip() or None for column, text in cells.items()}
        for column in NAMES:
            done[column] = done[column] and done[column].upper()
        for column in KEYED:
            done[f"{column}_key"] = done[column] and _plain(done[column])
        for column in (*NUMBERS, "phone"):
            done[column] = done[column] and re.sub(r"[ .-]", "", done[column])
        for column in ("birth_date", "death_date", "declared_on"):
            done[column] = done[column] and self._date(done[column])
        for column, codes in self._codes.items():
            done[column] = done[column] and codes.get(_plain(done[column]))
        for place in PLACES:
            done[place] = done[place] and self._places.get(done[place])
        joined = "\x1f".join([STAMP.sender, *(text.strip() for text in cells.values())])
        done["form_id"] = hashlib.sha256(joined.encode()).hexdigest()[:32]
        return done | {f"{column}_raw": sent[column] for column in COLUMNS}

    @staticmethod
    def _date(text: str) -> str | None:
        for style in ("%d/%m/%Y", "%Y-%m-%d"):
            try:
                return datetime.strptime(text, style).date().isoformat()  # noqa: DTZ007 - a day has no zone
            except ValueError:
                continue
        return None


def _standardise(folder: Path) -> dict[str, float]:
    start = time.monotonic()
    standardise_load(folder, files=[STAMP], reference=REFERENCE)
    seconds = time.monotonic() - start
    return {"seconds": seconds, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _peer(folder: Path, rows: int) -> float:
    """Runs the peer on the first rows and returns its seconds, having compared every cell it has."""
    peer = Peer()
    start = time.monotonic()
    sent = next(pq.ParquetFile(folder / "read.parquet").iter_batches(rows)).to_pylist()
    done = pa.Table.from_pylist([peer.row(row) for row in sent])
    pq.write_table(done, folder / "peer.parquet")
    seconds = time.monotonic() - start
    ours = pq.read_table(folder / "standard.parquet", columns=done.column_names).slice(0, rows)
    for name in done.column_names:
        mine = ours[name].cast(pa.string()).to_pylist()
        if name not in PLACES and mine != done[name].cast(pa.string()).to_pylist():
            raise SystemExit(f"The peer and dancu differ in {name}.")
    return seconds


def main() -> None:
    """Runs both and prints what was measured."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--peer-rows", type=int, default=20_000)
    options.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.folder:
        print(json.dumps(_standardise(chosen.folder)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_sample(folder / "read.parquet", chosen.rows)
        command = [sys.executable, "-m", "benchmarks.standardise", "--folder", scratch]
        ours = measure(command, {}).output
        peer_rows = min(chosen.peer_rows, chosen.rows)
        peer_seconds = _peer(folder, peer_rows) * chosen.rows / peer_rows
    result = {"rows": chosen.rows, **ours, "rows_per_second": round(chosen.rows / ours["seconds"])}
    result |= {"peer": f"plain Python row by row ({peer_rows} rows, scaled)", "peer_seconds": peer_seconds}
    result["ratio_to_peer"] = ours["seconds"] / peer_seconds
    show(result, as_json=chosen.json)


if __name__ == "__main__":
    main()
