"""A night with everything that can be wrong with a file: each ends as its sender would expect, the good ones are
merged, and no person is named anywhere but in the store and in what goes back to the senders."""

import gzip
import html
import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import text

from registry.database import close_database, open_database
from tests.acceptance.homes import Home, home_at

FIRST, SECOND = "2021-06-30", "2021-07-01"
SENDER = "25993"
MIB = 1024 * 1024
HEADER = ("form_no", "full_name", "birth_date", "sex", "permanent_place", "permanent_address", "phone")
GOOD_ROWS = 40

#: What a made-up person of every bad row is called, and how to reach her: may stand in no log.
NAME, PHONE = "ÔN THỊ KÍN ĐÁO", "0912777333"

#: File → its state, its reason, the one who acts, and what becomes of its rows: (outcome, reason when unreadable).
EXPECTED: dict[str, tuple[str, str | None, str | None, dict[tuple[str, str], int]]] = {
    "good.csv": ("taken", None, None, {("new", ""): 40}),
    "short-row.csv": ("taken", None, None, {("new", ""): 40, ("unreadable", "too_few_fields"): 1}),
    "long-row.csv": ("taken", None, None, {("new", ""): 40, ("unreadable", "too_many_fields"): 1}),
    "unclosed-quote.csv": ("taken", None, None, {("new", ""): 40, ("unreadable", "unclosed_quote"): 1}),
    "nul-byte.csv": ("taken", None, None, {("new", ""): 40, ("unreadable", "nul_byte"): 1}),
    "bad-utf-8.csv": ("taken", None, None, {("new", ""): 40, ("unreadable", "utf-8"): 1}),
    "huge-field.csv": ("taken", None, None, {("new", ""): 40, ("unreadable", "row_too_long"): 1}),
    "formulas.xlsx": ("taken", None, None, {("new", ""): 40, ("unreadable", "formula"): 1}),
    "header-alone.csv": ("taken", None, None, {}),
    "failing.csv": ("held", "LOAD-FAILING-SHARE", "sender", {("held", ""): 100}),
    "sha.csv": ("held", "sidecar", "sender", {("held", ""): 40}),
    "rows.csv": ("held", "sidecar", "sender", {("held", ""): 40}),
    "not-json.csv": ("held", "sidecar", "sender", {("held", ""): 40}),
    "empty.csv": ("refused", "empty", "sender", {}),
    "columns.csv": ("refused", "too_many_columns", "sender", {}),
    "bomb.csv.gz": ("refused", "archive_too_large", "sender", {}),
    "truncated.csv.gz": ("refused", "broken_archive", "sender", {}),
    "who.csv": ("refused", "sender", "operator", {}),
    "open.csv": ("waiting", "writing", "sender", {("new", ""): 40}),  # its rows come the second night
    "draft.csv.part": ("waiting", "writing", "sender", {}),
}


_PREFIXES: dict[str, int] = {}
_SURNAMES = "TRỊNH PHẠM HOÀNG QUÁCH HUỲNH KIỀU CHÂU THÁI DƯƠNG BẾ SƠN TỐNG LƯU ĐÀO NGUYỄN".split()  # noqa: SIM905


def good_rows(prefix: str, count: int = GOOD_ROWS) -> list[list[str]]:
    """Rows without a fault, each of another made-up person; no two prefixes speak of one."""
    nth = _PREFIXES.setdefault(prefix, len(_PREFIXES))
    year, month = 1920 + 6 * (nth % 15), nth % 12 + 1
    return [
        [f"{prefix}-{n}", f"{_SURNAMES[nth % 15]} VĂN MẪU {'ABCDEGHIKL'[n % 10]}{'MNOPQRSTUV'[n // 10 % 10]}",
         f"{n % 28 + 1:02d}/{month:02d}/{year}", "Nam", SENDER, f"{nth * 1000 + n * 7}", ""]
        for n in range(count)
    ]  # fmt: skip


def bad_row(**cells: str) -> list[str]:
    row = {"form_no": "X-1", "full_name": NAME, "birth_date": "05/06/1980", "sex": "Nữ", "permanent_place": SENDER,
           "permanent_address": "Số 9", "phone": PHONE}  # fmt: skip
    return list({**row, **cells}.values())


def lines(rows: Iterable[list[str]]) -> bytes:
    return "".join(",".join(row) + "\n" for row in rows).encode()


def with_bad_line(prefix: str, bad: bytes) -> bytes:
    """A good register with one line put into its middle."""
    rows = good_rows(prefix)
    return lines([list(HEADER), *rows[:20]]) + bad + b"\n" + lines(rows[20:])


def write_huge_field(path: Path) -> None:
    """A row of 200 MB, all of it in one cell."""
    rows = good_rows("huge")
    with path.open("wb") as file:
        file.write(lines([list(HEADER), *rows[:20]]))
        file.write(f"X-1,{NAME} ".encode())
        for _ in range(200):
            file.write(b"A" * MIB)
        file.write(f",1980,2,{SENDER},,{PHONE}\n".encode())
        file.write(lines(rows[20:]))


def write_bomb(path: Path) -> None:
    """A megabyte or less that becomes 600 MB."""
    with gzip.open(path, "wb") as file:
        file.write(lines([list(HEADER), bad_row()]))
        for _ in range(600):
            file.write(b" " * MIB)


def write_formulas(path: Path) -> None:
    """A workbook that a program wrote: a formula has no result until a person opens and saves it."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [list(HEADER), *good_rows("formula"), bad_row(birth_date='=CONCATENATE("05/06/","1980")')]:
        sheet.append(row)
    book.save(path)


def sidecar(path: Path, content: bytes) -> None:
    path.with_name(f"{path.name}.manifest.json").write_bytes(content)


def write_bad_files(folder: Path) -> None:
    folder.mkdir(parents=True)
    person = lines([bad_row()]).rstrip()
    cells = bad_row()
    failing = [bad_row(form_no=f"F-{n}", birth_date="31/02/2099") for n in range(60)]
    unclosed = ",".join([cells[0], f'"{NAME}', *cells[2:]]).encode()
    files = {
        "short-row.csv": with_bad_line("short", lines([cells[:4]]).rstrip()),
        "long-row.csv": with_bad_line("long", person + b",one,more"),
        "unclosed-quote.csv": with_bad_line("quote", unclosed),
        "nul-byte.csv": with_bad_line("nul", person.replace(b"9", b"\0")),
        "bad-utf-8.csv": with_bad_line("utf8", person.replace("Ô".encode(), b"\xff\xfe")),
        "empty.csv": b"",
        "header-alone.csv": lines([list(HEADER)]),
        "columns.csv": lines([[*HEADER, *(f"c{n}" for n in range(5_000))], [*cells, *[""] * 5_000]]),
        "truncated.csv.gz": gzip.compress(lines([list(HEADER), *good_rows("cut", 400), cells]))[:-200],
        "failing.csv": lines([list(HEADER), *good_rows("fail"), *failing]),
        "sha.csv": lines([list(HEADER), *good_rows("sha")]),
        "rows.csv": lines([list(HEADER), *good_rows("rows")]),
        "not-json.csv": lines([list(HEADER), *good_rows("json")]),
        "good.csv": lines([list(HEADER), *good_rows("good")]),
    }  # fmt: skip
    for name, content in files.items():
        (folder / name).write_bytes(content)
    write_huge_field(folder / "huge-field.csv")
    write_bomb(folder / "bomb.csv.gz")
    write_formulas(folder / "formulas.xlsx")
    sidecar(folder / "bad-utf-8.csv", json.dumps({"encoding": "utf-8"}).encode())
    sidecar(folder / "sha.csv", json.dumps({"sha256": "0" * 64}).encode())
    sidecar(folder / "rows.csv", json.dumps({"rows": GOOD_ROWS + 1}).encode())
    sidecar(folder / "not-json.csv", f"{NAME} {PHONE}".encode())


@dataclass
class Story:
    """The night of the bad files and the one after it; the ledger after each, by file name."""

    home: Home
    first: dict[str, dict[str, Any]]
    second: dict[str, dict[str, Any]]
    links: list[dict[str, str]]
    summaries: list[dict[str, Any]]


def ledger(home: Home) -> dict[str, dict[str, Any]]:
    engine = open_database(None, home=home.root)
    try:
        with engine.begin() as store:
            rows = store.execute(
                text("SELECT name, state::text AS state, reason_code, reason, who_acts, rows FROM file")
            )
            return {row["name"]: dict(row) for row in rows.mappings()}
    finally:
        close_database(engine)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, prefect_api: str) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("bad")
    with home_at(folder / "home") as home:
        registers = folder / "registers"
        write_bad_files(registers / "registers" / SENDER)
        (registers / "registers/nobody").mkdir()
        (registers / "registers/nobody/who.csv").write_bytes(lines([list(HEADER), bad_row()]))
        home.dancu("put", registers)
        (home.landing / SENDER / "draft.csv.part").write_bytes(lines([list(HEADER), bad_row()]))
        with (home.landing / SENDER / "open.csv").open("wb") as still_open:
            still_open.write(lines([list(HEADER), *good_rows("open")]))
            still_open.flush()
            summaries = [home.night(FIRST)]  # with a Prefect server of its own, whose database is looked into
            first = ledger(home)
        home.api = prefect_api
        summaries.append(home.night(SECOND))
        yield Story(home, first, ledger(home), home.links(), summaries)


def rows_of(links: Iterable[dict[str, str]]) -> dict[str, Counter[tuple[str, str]]]:
    """File → rows by outcome, unreadable ones by reason too."""
    rows: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for line in links:
        rows[line["file"]][line["outcome"], line["rules"] if line["outcome"] == "unreadable" else ""] += 1
    return rows


@pytest.mark.parametrize("name", EXPECTED)
def test_each_file_ends_as_its_sender_would_expect(story: Story, name: str) -> None:
    state, code, who_acts, rows = EXPECTED[name]
    file = story.first[name]
    assert (file["state"], file["reason_code"], file["who_acts"]) == (state, code, who_acts)
    assert bool(file["reason"]) == (state != "taken")
    assert rows_of(story.links)[name] == rows


def test_nothing_else_landed(story: Story) -> None:
    assert set(story.first) == set(story.second) == set(EXPECTED)
    counted = Counter(file["state"] for file in story.first.values())
    assert story.summaries[0]["file_states"] == counted


def test_what_was_being_written_is_taken_once_it_is_closed(story: Story) -> None:
    assert story.second["open.csv"]["state"] == "taken"
    assert story.second["draft.csv.part"]["state"] == "waiting"
    assert story.summaries[1]["rows"]["new"] == story.summaries[1]["rows"]["read"] == GOOD_ROWS


def test_only_what_nobody_may_take_still_lies_in_landing(story: Story) -> None:
    left = {path.name for path in story.home.landing.rglob("*") if path.is_file()}
    assert left == {"who.csv", "draft.csv.part"}


def test_the_invariants_hold(story: Story) -> None:
    story.home.prove()


def spellings(value: str) -> set[bytes]:
    """As it is, without accents, in other cases, and as JSON and HTML may write it."""
    plain = "".join(sign for sign in unicodedata.normalize("NFD", value.replace("Đ", "D")) if sign.isascii())
    texts = {value, plain, json.dumps(value)[1:-1], html.escape(value), unicodedata.normalize("NFD", value)}
    return {spelt.encode() for text in texts for spelt in (text, text.lower(), text.title())}


def everything_public(home: Home) -> Iterator[tuple[str, bytes]]:
    """All that is no archive, no store and no return: what was said, logs, Prefect's files, reports, names."""
    yield "output", "".join(home.said).encode()
    for folder in ("logs", "prefect", "objects/reports"):
        for path in (home.root / folder).rglob("*"):
            if path.is_file():
                yield str(path), path.read_bytes()
    for path in (home.root / "postgres").glob("*.log*"):
        yield str(path), path.read_bytes()
    yield "names", "\n".join(str(path) for path in home.root.rglob("*")).encode()


def test_no_person_is_named_where_none_may_be(story: Story) -> None:
    places = dict(everything_public(story.home))
    assert any(name.endswith("prefect.db") for name in places)
    assert any(name.endswith("index.html") for name in places)
    leaks = [
        place
        for place, content in places.items()
        if any(spelling in content for value in (NAME, PHONE, "ĐÀO VĂN MẪU") for spelling in spellings(value))
    ]
    assert leaks == []
    found = re.compile("|".join(EXPECTED)).findall(places["output"].decode())
    assert found == []


def test_the_senders_get_their_rows_back(story: Story) -> None:
    book = load_workbook(story.home.root / f"objects/returns/{SENDER}/{FIRST}.xlsx")
    sheets = [[cell for row in sheet.iter_rows(values_only=True) for cell in row] for sheet in book.worksheets]
    assert any(NAME in str(cell) for cell in sheets[0])
    told = {str(cell) for cell in sheets[1]}
    assert told >= {name for name, (state, *_) in EXPECTED.items() if state in ("held", "refused")} - {"who.csv"}
