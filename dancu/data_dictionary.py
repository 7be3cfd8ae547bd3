"""The data dictionary, made from the migrations and the frames: `python -m dancu.data_dictionary [--check]`.

Without an option the page is written; `--check` ends with exit code 1 when the page in the tree is not the one
that the program makes.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from registry.cards.dossiers import DOSSIER_COLUMNS, DOSSIER_SCHEMA, TAKEN
from registry.extracts import GOLDEN_SCHEMA
from registry.forms import COLUMNS, FINDING_SCHEMA, STANDARD_SCHEMA, UNREADABLE_SCHEMA
from registry.movements import MOVEMENT_COLUMNS, MOVEMENT_SCHEMA
from registry.persons import GROUPS, WITNESSES

_ROOT = Path(__file__).parents[1]
PAGE = _ROOT / "docs" / "reference" / "data-dictionary.md"
_MIGRATIONS = _ROOT / "migrations" / "versions"

#: What the columns of a form mean, wherever they stand.
MEANINGS: dict[str, str] = {
    "form_no": "the sender's number of the form",
    "form_edition": "circular of the form",
    "declared_on": "day declared",
    "verified_by": "who checked the form",
    "full_name": "name as on the birth certificate, upper case",
    "other_name": "another name",
    "birth_date": "ISO 8601 in the precision that is known: year, month or day",
    "sex": "`M` or `F`",
    "blood_group": "code of `config/reference`",
    "marital_status": "code of `config/reference`",
    "ethnicity": "code of `config/reference`",
    "religion": "code of `config/reference`",
    "nationality": "code of `config/reference`",
    "birth_registration_place": "commune of birth registration, 5 digits",
    "origin_place": "commune of origin, 5 digits",
    "permanent_place": "commune of permanent residence, 5 digits",
    "permanent_address": "what is below the commune",
    "temporary_place": "commune of temporary residence, 5 digits",
    "temporary_address": "what is below the commune",
    "current_place": "commune where the person lives now, 5 digits",
    "current_address": "what is below the commune",
    "pid": "personal number, 12 digits",
    "cmnd_no": "old card number, 9 or 12 digits",
    "father_name": "father",
    "father_id": "his personal or old card number",
    "mother_name": "mother",
    "mother_id": "her personal or old card number",
    "spouse_name": "wife or husband",
    "spouse_id": "her or his personal or old card number",
    "representative_name": "legal representative",
    "representative_id": "their personal or old card number",
    "household_no": "number of the household register",
    "head_name": "head of the household",
    "head_id": "their personal or old card number",
    "relation_to_head": "code of `config/reference`",
    "phone": "phone number, national form",
    "death_date": "as `birth_date`",
}

_FRAME_MEANINGS = {
    "file_no": "ordinal of the file in its load",
    "row_no": "data row in the file, from 1",
    "form_id": "the form's identity by content, 32 hex digits",
    "sender": "who sent the file",
    "stated_on": "the day that dates the row: of a movement `occurred_on`; `declared_on`, failing that the day sent",
    "movement": "of a movement its kind, code of `config/reference`; null for a form DC01",
    "changes": "groups of the person that a movement states, `;` between; empty: none; null: all that are filled",
    "occurred_on": "day of the event",
    "known_full_name": "the name as known before, where `full_name` is the new one",
    "known_birth_date": "the birth date as known before, where `birth_date` is the new one",
    "known_sex": "the sex as known before, where `sex` is the new one",
    "known_pid": "the personal number as known before, where `pid` is the new one or none any more",
    "corrected_from": "old value of the corrected column, in its normal form",
    "document": "kind and number of the proof document",
    "sent_on": "day that the file was sent",
    "residence_kind": "code of `config/reference`",
    "from_place": "commune where the person lived, 5 digits",
    "to_place": "commune where the person lives from then on, 5 digits",
    "field": "column of form DC01 that is corrected",
    "new_value": "its new value, in its normal form",
    "dossier_id": "the dossier, of station and number: MD5 of `<station>/<number>`",
    "known_form_no": "number of the person's form DC01",
    "form_sender": "who sent that form",
    "captured_at": "when the dossier was taken, in UTC",
    "captured_on": "day of it in the nation's own time",
    "mode": "how it was taken, code of `config/reference`",
    "applicant": "permanent or temporary resident, code of `config/reference`",
    "company": "where a company visit was",
    **dict.fromkeys(TAKEN, "key in the object store"),
    **{f"{name}_sha256": f"SHA-256 of what lies under `{name}`, 64 hex digits" for name in TAKEN},
    "full_name_accents": "the name with its marks, tone marks in one place, to compare by",
    "mrz_name": "the name in the machine-readable zone; null where it cannot stand there",
    "ambiguous_places": "the places, `;` between, whose text may mean several communes",
    "returned_file": "file of the failed row that this one corrects, from a returned workbook",
    "returned_row": "its number in that file",
    "person_id": "the person, see `registry/persons.py`",
    "in_review": "people must decide: another person states the same personal number, or trusted sources disagree",
    "offset": "position of the row's first byte in the decompressed file",
    "reason": "why the row could not be read",
    "detail": "figures about it, never a cell's text",
    "bytes": "the row as it was sent",
    "rule": "id of the rule that the row failed, see `rules.md`",
    "severity": "`critical` or `warning`",
}

#: Columns of the store that need no comment in the migration; those of one table as `table.column`.
_STORE_MEANINGS = {
    "run_id": "number of the run",
    "business_date": "the night",
    "started_at": "when the run began",
    "file.ended_at": "when it was decided what becomes of the file",
    "ended_at": "when the run ended; null when it was killed or goes on",
    "summary": "what `dancu nightly --json` says",
    "load_no": "the load, in the order of the merges",
    "province": "2-digit code; empty for a national source",
    "merged_at": "when its transaction began",
    "file_id": "the file, see `file`",
    "file.file_id": "number in the ledger",
    "file.name": "its path below the sender",
    "file.size": "bytes as landed",
    "file.sidecar": "what its sidecar states",
    "file.state": "what became of it",
    "file.reason_code": "why, for machines: see `config/reasons.csv` and `rules.md`",
    "file.reason": "why, for people",
    "file.who_acts": "`sender`, `operator` or nobody",
    "file.encoding": "as found when it was read",
    "file.rows": "physical data rows, the unreadable ones included",
    "file.received_at": "when it was first seen",
    "file.file_no": "its ordinal in the load",
    "outcome": "what became of the row",
    "by_file_id": "the file that brought the corrected row",
    "by_row_no": "its number in that file",
    "rule": "the rule that decided, see `tasks/resolve.py`",
    "form_a": "the form of the two whose id is the lesser one",
    "form_b": "the other form",
    "verdict_no": "number of what was said, in the order in which it was",
    "opinion_no": "number of the opinion, in the order in which it was given",
    "verdict": "`same`, `different`, `never` or `unsure`",
    "reviewer": "who said it",
    "said_at": "when it was noted",
    "linkage_model.version": "of `config/linkage/model.json`",
    "old_id": "an id that a person had",
    "sequence": "the batch",
    "card_batch.cards": "lines of its file",
    "card_batch.sha256": "of its file `cards.jsonl`",
    "card_batch.created_at": "when it was decided",
}

_LINKS = {
    "sender": "who sent the file",
    "file": "its name as landed, below the sender",
    "row_no": "data row in the file, from 1",
    "form_no": "the sender's number of the form",
    "outcome": "what became of the row",
    "person_id": "whose it is today; empty for unreadable, quarantined and held rows",
    "weight": "weight of the match; empty where an exact rule decided",
    "rules": "failing rule ids, `;` between",
}


@dataclass
class Column:
    """A column of a table or frame; `needed`: never null."""

    name: str
    kind: str
    needed: bool
    meaning: str


@dataclass
class Table:
    """A table, view or frame as the page shows it."""

    name: str
    about: str
    columns: list[Column] = field(default_factory=list)


# -- the store ---------------------------------------------------------------------------------------------

_OPENING = re.compile(r"CREATE (?:UNLOGGED )?TABLE (\w+) \((?P<short>.*\);)?$")
_ADDING = re.compile(r"ALTER TABLE (\w+) ADD COLUMN (.+)$")
_DROPPING = re.compile(r"ALTER TABLE (\w+) DROP COLUMN (\w+)")
_COLUMN = re.compile(
    r"(?P<name>[a-z]\w*)\s+(?P<kind>[a-z_]+(?:\[\])?)(?P<rest>[^-]*?)[,;]?\s*(?:--\s*(?P<meaning>.*))?$"
)
_TYPE = re.compile(r"CREATE TYPE (\w+) AS ENUM\s*\(([^)]*)\)")


def store_tables(scripts: Iterable[str]) -> list[Table]:
    """The tables that SQL scripts make, read in their order: one column a line, its comment behind it."""
    tables: dict[str, Table] = {}
    current: Table | None = None
    about: list[str] = []
    for line in (line.strip() for script in scripts for line in script.splitlines()):
        if opening := _OPENING.match(line):
            table = tables[opening[1]] = Table(opening[1], " ".join(about))
            short = opening["short"]
            current = None if short else table
            for part in (short or "").removesuffix(");").split(","):
                table.columns += _column(part.strip(), table.name)
        elif adding := _ADDING.match(line):
            tables[adding[1]].columns += _column(adding[2], adding[1])
        elif dropping := _DROPPING.match(line):
            table = tables[dropping[1]]
            table.columns = [column for column in table.columns if column.name != dropping[2]]
        elif line.startswith(");"):
            current = None
        elif current:
            current.columns += _column(line, current.name)
        about = [*about, line.removeprefix("-- ")] if line.startswith("-- ") else []
    return list(tables.values())


def _column(line: str, table: str) -> list[Column]:
    found = _COLUMN.match(line)
    if not found:
        return []
    name, rest = found["name"], found["rest"]
    needed = any(word in rest for word in ("NOT NULL", "PRIMARY KEY", "GENERATED"))
    return [Column(name, found["kind"], needed, found["meaning"] or _store_meaning(table, name))]


def _store_meaning(table: str, name: str) -> str:
    stamps = {group.stamp: group for group in GROUPS}
    if name in stamps:
        return f"stamp of {', '.join(f'`{column}`' for column in stamps[name].columns)}"
    if name in WITNESSES:
        return "key of a value that trusted sources state, the least: another one is a conflict"
    return _STORE_MEANINGS.get(f"{table}.{name}") or _STORE_MEANINGS.get(name) or _meaning(name)


def _meaning(name: str) -> str:
    place = name.removesuffix("_from")
    if name != place and place.endswith("_place"):
        return f"first day of the state of the country in which `{place}` was understood"
    raw = name.removesuffix("_raw")
    if name != raw and raw in (*COLUMNS, *MOVEMENT_COLUMNS, *DOSSIER_COLUMNS):
        return "the cell as sent"
    key = name.removesuffix("_key")
    if name != key and key in COLUMNS:
        return f"`{key}` in upper case without accents, to compare by"
    return MEANINGS.get(name) or _FRAME_MEANINGS.get(name, "")


def _kinds(scripts: Iterable[str]) -> Iterator[str]:
    for script in scripts:
        for name, values in _TYPE.findall(script):
            words = ", ".join(f"`{value}`" for value in re.findall(r"'(\w+)'", values))
            yield f"- `{name}`: {words}"


# -- the page ----------------------------------------------------------------------------------------------


def _frame(name: str, about: str, schema: pa.Schema, **told: str) -> Table:
    """A frame; `told`: what a column means here alone."""
    meanings = {column.name: told.get(column.name) or _meaning(column.name) for column in schema}
    columns = [Column(column.name, str(column.type), False, meanings[column.name]) for column in schema]
    return Table(name, about, columns)


def _frames() -> list[Table]:
    folder = "archive/forms/<load>/"
    links = [Column(name, "text", False, meaning) for name, meaning in _LINKS.items()]
    return [
        _frame(
            f"{folder}standard.parquet", "Every readable row of a load, standard values and raw ones.", STANDARD_SCHEMA
        ),
        _frame(
            f"{folder}standard.parquet, movements",
            "What a load of movements has beside these columns.",
            pa.schema([field for field in MOVEMENT_SCHEMA if field.name not in STANDARD_SCHEMA.names]),
        ),
        _frame(
            f"{folder}standard.parquet, dossiers",
            "What a load of dossiers has beside these columns; `form_no` is the dossier's number.",
            pa.schema([field for field in DOSSIER_SCHEMA if field.name not in STANDARD_SCHEMA.names]),
            reason="why a card is asked for, code of `config/reference`",
        ),
        _frame(f"{folder}findings.parquet", "One row for each rule that a row failed.", FINDING_SCHEMA),
        _frame(f"{folder}unreadable.parquet", "Rows that could not be told into fields.", UNREADABLE_SCHEMA),
        Table("dancu links", "CSV, one line for each row of a taken or held file.", links),
        _frame("dancu persons", "Parquet, one row a person.", GOLDEN_SCHEMA),
    ]


def _section(table: Table) -> Iterator[str]:
    yield f"### {table.name}"
    yield ""
    if table.about:
        yield from (table.about, "")
    yield "| column | type | needed | meaning |"
    yield "|---|---|---|---|"
    for column in table.columns:
        needed = "yes" if column.needed else ""
        yield f"| {column.name} | {column.kind} | {needed} | {column.meaning} |"
    yield ""


def scripts() -> list[str]:
    """The SQL of all migrations, in their order."""
    return [path.read_text(encoding="utf-8") for path in sorted(_MIGRATIONS.glob("*.sql"))]


def page() -> str:
    """The page as Markdown."""
    lines = ["# Data dictionary", "", "Made by `python -m dancu.data_dictionary`; do not edit.", ""]
    lines += ["## The store (PostgreSQL)", "", *_kinds(scripts()), ""]
    for table in store_tables(scripts()):
        lines += _section(table)
    lines += ["## Files", ""]
    for table in _frames():
        lines += _section(table)
    return "\n".join(lines).rstrip() + "\n"


def main(arguments: list[str]) -> int:
    """Writes the page, or says whether it is fresh."""
    fresh = page()
    if arguments == ["--check"]:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == fresh:
            return 0
        print(f"{PAGE} is stale: run python -m dancu.data_dictionary", file=sys.stderr)
        return 1
    PAGE.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
