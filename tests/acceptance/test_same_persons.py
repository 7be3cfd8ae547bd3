"""The same forms, however they are cut into files, packed, named and brought, make the same persons.

The stages run in this process: what is varied is the files, and a dozen nights through the command line cost minutes.
"""

import csv
import datetime as dt
import gzip
import io
import json
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook
from sqlalchemy import Engine

from registry.extracts import write_links, write_persons
from registry.forms import COLUMNS
from registry.objects import put_folder
from samples.generate import generate
from tasks.verify import examine
from tests.integration.real_store import installation, work_night

NIGHT = dt.date(2021, 6, 30)
FORMS = 1_500

Row = dict[str, str]
#: Sender → its forms.
Registers = dict[str, list[Row]]


@dataclass(frozen=True)
class Result:
    """What a home knows in the end: (sender, form_no) → persons, and the golden records."""

    persons_of: dict[tuple[str, str], set[str]]
    golden: pa.Table


@pytest.fixture(scope="module")
def registers(tmp_path_factory: pytest.TempPathFactory) -> Registers:
    """Forms as text, without the rows that only CSV can hold: too short, too long."""
    folder = tmp_path_factory.mktemp("registers")
    generate(folder, forms=FORMS, seed=11, clean_share=0.85, date=NIGHT)
    found: Registers = {}
    for path in sorted(folder.rglob("*.csv")):
        if path.name == "truth.csv":
            continue
        with path.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.reader(file) if len(row) == len(COLUMNS)][1:]
        found.setdefault(path.parent.name, []).extend(dict(zip(COLUMNS, row, strict=True)) for row in rows)
    assert sum(map(len, found.values())) > 0.99 * FORMS
    return found


def as_csv(rows: Iterable[Row], columns: Iterable[str] = COLUMNS, delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(columns), delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_xlsx(rows: Iterable[Row]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(COLUMNS))
    for row in rows:
        sheet.append([row[column] or None for column in COLUMNS])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def as_parquet(rows: Iterable[Row]) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows), pa.schema([(column, pa.string()) for column in COLUMNS])), content)
    return content.getvalue()


def as_jsonl(rows: Iterable[Row]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def land(place_files: dict[str, bytes], folder: Path) -> Path:
    for name, content in place_files.items():
        path = folder / "registers" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


#: One file a sender, named as it comes; the yardstick.
def plain(registers: Registers) -> list[dict[str, bytes]]:
    return [{f"{sender}/register.csv": as_csv(rows) for sender, rows in registers.items()}]


def split(registers: Registers) -> list[dict[str, bytes]]:
    """Two files a sender with other names, in other delimiters, the columns turned round."""
    return [
        {
            f"{sender}/{part}-{number}.csv": as_csv(rows[number::2], reversed(COLUMNS), delimiter)
            for sender, rows in registers.items()
            for number, (part, delimiter) in enumerate((("zz", ";"), ("aa", "\t")))
        }
    ]


def packed(registers: Registers) -> list[dict[str, bytes]]:
    """Rows in another order, compressed, `|` between the cells, in UTF-16 or with a mark in front."""
    shuffled = {sender: random.Random(3).sample(rows, len(rows)) for sender, rows in registers.items()}
    files = {}
    for number, (sender, rows) in enumerate(shuffled.items()):
        content = as_csv(rows, delimiter="|").decode()
        encoded = content.encode("utf-16" if number % 2 else "utf-8-sig")
        files[f"{sender}/packed.csv.gz"] = gzip.compress(encoded, compresslevel=1)
    return [files]


def converted(registers: Registers) -> list[dict[str, bytes]]:
    """Each sender in another format."""
    kinds: list[tuple[str, Callable[[Iterable[Row]], bytes]]] = [
        ("xlsx", as_xlsx),
        ("parquet", as_parquet),
        ("jsonl", as_jsonl),
        ("jsonl.gz", lambda rows: gzip.compress(as_jsonl(rows))),
    ]
    files = {}
    for place, (sender, rows) in enumerate(registers.items()):
        for part in range(len(kinds)):
            ending, convert = kinds[(place + part) % len(kinds)]
            files[f"{sender}/part-{part}.{ending}"] = convert(rows[part :: len(kinds)])
    return [files]


def several_runs(registers: Registers) -> list[dict[str, bytes]]:
    """Three runs of the same night, the senders from the last to the first, each form once more in the last run."""
    backwards = list(reversed(registers.items()))
    thirds = [{f"{sender}/run-{run}.csv": as_csv(rows[run::3]) for sender, rows in backwards} for run in (2, 0, 1)]
    thirds[-1].update({f"{sender}/again.csv": as_csv(reversed(rows)) for sender, rows in backwards})
    return thirds


@pytest.fixture(scope="module")
def work(
    postgres_server: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, list[dict[str, bytes]]], Result]:
    def run(name: str, runs: list[dict[str, bytes]]) -> Result:
        folder = tmp_path_factory.mktemp(name)
        with installation(postgres_server, folder / "home", name=f"same_{name}") as place:
            for number, files in enumerate(runs):
                put_folder(land(files, folder / str(number)), place.objects)
                outcomes = work_night(NIGHT)
                assert outcomes["held"] == outcomes["unreadable"] == 0
            assert examine(place).breaches == []
            write_persons(place.engine, folder / "persons.parquet")
            write_links(place.engine, folder / "links.csv")
        return Result(_persons_of(folder / "links.csv"), pq.read_table(folder / "persons.parquet"))

    return run


def _persons_of(links: Path) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    with links.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            if line["person_id"]:
                found.setdefault((line["sender"], line["form_no"]), set()).add(line["person_id"])
    return found


@pytest.fixture(scope="module")
def yardstick(work: Callable[..., Result], registers: Registers) -> Result:
    return work("plain", plain(registers))


def test_the_yardstick_says_something(yardstick: Result) -> None:
    persons = yardstick.golden.num_rows
    forms = len(yardstick.persons_of)
    assert 0.9 * FORMS < persons < forms
    assert len(set().union(*yardstick.persons_of.values())) == persons


@pytest.mark.parametrize("variant", [split, packed, converted, several_runs], ids=lambda variant: variant.__name__)
def test_the_same_persons_and_records(
    variant: Callable[[Registers], list[dict[str, bytes]]],
    work: Callable[..., Result],
    registers: Registers,
    yardstick: Result,
) -> None:
    found = work(variant.__name__, variant(registers))
    assert found.persons_of == yardstick.persons_of
    assert found.golden == yardstick.golden
