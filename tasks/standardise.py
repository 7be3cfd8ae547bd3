"""Standardise: what was sent becomes typed, coded and dated, and the cells as sent stay beside it.

A movement is first laid into the columns of a form (`registry.movements`), then standardised like one; so is a dossier
(`registry.cards.dossiers`).

Not understood is one thing everywhere: the raw cell is there and the standard value is null. Nothing is
refused here; the rules of the next step say what that means for a row.

The work is done on distinct values, a block of rows at a time, so that neither time nor memory depend on
how many forms a load has beyond writing them.
"""

import base64
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Self

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from config.headers import header_labels
from registry.cards import dossiers
from registry.codes import CODED, DOSSIER_CODED, MOVEMENT_CODED
from registry.dates import full_days, parse_dates, stated_dates
from registry.encodings.columns import OldColumns, mended
from registry.errors import PlatformError
from registry.formats.headers import header_names, plain
from registry.forms import COLUMNS, MOVEMENT_PARTS, NAMES, PLACES, POSITION
from registry.identity_numbers import digits, phones
from registry.kinds import DOSSIERS, MOVEMENTS, REGISTERS, FileKind
from registry.loads import Load
from registry.movements import GROUP_OF, changes_of, is_one_of, known_of, lay_out, of_field, places_of
from registry.names import accented_keys, legal_names, mrz_names, name_keys
from registry.places import AMBIGUOUS, Gazetteer
from registry.reference import Reference
from registry.writing import TEXT, Cells, Values
from tasks.platform import platform
from tasks.read import read_told
from tasks.verb import note_seconds, verb

BLOCK_ROWS = 125_000
WORKERS = 2

NUMBERS: tuple[str, ...] = ("pid", "cmnd_no", *(column for column in COLUMNS if column.endswith("_id")))
KEYED: tuple[str, ...] = ("full_name", "father_name", "mother_name")

#: Columns with few distinct values a block: they pass from file to file as dictionaries.
_FEW: frozenset[str] = frozenset(
    {*CODED, *PLACES, "form_edition", "verified_by", "declared_on", "birth_date", "death_date"}
)
#: The same of what is made here; of most forms the parts of a movement are null.
_MADE_FEW: frozenset[str] = frozenset(
    {"sender", "ambiguous_places", *DOSSIER_CODED, *(name for name, _ in MOVEMENT_PARTS)}
)
_TEXTS: tuple[str, ...] = (
    "form_no",
    "form_edition",
    "verified_by",
    "permanent_address",
    "temporary_address",
    "current_address",
    "household_no",
)
_PASSED_ON: tuple[str, ...] = (*POSITION, "returned_file", "returned_row")
#: Which places a number means whose bits say it.
_PLACES_OF_BITS = pa.array(
    [";".join(place for n, place in enumerate(PLACES) if bits >> n & 1) for bits in range(1 << len(PLACES))]
)
_DICTIONARY = pa.dictionary(pa.int32(), pa.string())
_SEPARATOR = "\x1f"
_FORM_ID_DIGITS = 32


@dataclass(frozen=True)
class FileStamp:
    """What is known of a file of the load: its place in the load, who sent it, the day it was sent, its old text."""

    file_no: int
    sender: str
    sent_on: date
    old_text: OldColumns = field(default_factory=dict)


@verb
def standardise(load_id: str) -> None:
    """Standardises a load that was read."""
    place, start = platform(), time.monotonic()
    folder = place.folder(load_id)
    told = read_told(folder)
    load = Load.open(folder)
    stamps = [FileStamp(file.file_no, file.sender, file.sent_on, told[file.file_no].old_text) for file in load.files]
    standardise_load(folder, files=stamps, reference=place.reference, kind=load.kind)
    note_seconds(folder, "standardise", start)


def standardise_load(
    folder: Path, *, files: Sequence[FileStamp], reference: Reference, kind: FileKind = REGISTERS
) -> int:
    """Writes `standard.parquet` (the kind's `standard`) beside `read.parquet` (its `read`), in its row order.

    Args:
        folder: the load's scratch folder.
        files: a stamp for every `file_no` of the load.
        reference: places and code lists.
        kind: of the load's files.

    Returns:
        Number of rows.

    Raises:
        PlatformError: a row's file has no stamp.
    """
    half_done = folder / "standard.parquet.part"
    standardiser = _STANDARDISERS[kind.name](files, reference)
    rows = 0
    with (
        pq.ParquetFile(folder / "read.parquet", read_dictionary=sorted(_FEW & {*kind.columns})) as source,
        _Writer(half_done, kind.standard) as writer,
        ThreadPoolExecutor(WORKERS) as workers,
    ):
        for block in _ahead(workers, standardiser.block, source.iter_batches(BLOCK_ROWS)):
            writer.write(block)
            rows += block.num_rows
    half_done.replace(folder / "standard.parquet")
    return rows


def _ahead(
    workers: ThreadPoolExecutor,
    work: Callable[[pa.RecordBatch], pa.RecordBatch],
    blocks: Iterable[pa.RecordBatch],
) -> Iterator[pa.RecordBatch]:
    """Yields the work of each block in order, with no more blocks under way than workers and one."""
    under_way: deque[Future[pa.RecordBatch]] = deque()
    for block in blocks:
        under_way.append(workers.submit(work, block))
        if len(under_way) > WORKERS:
            yield under_way.popleft().result()
    while under_way:
        yield under_way.popleft().result()


class _Writer:
    """A Parquet file of a schema that takes columns of few values as dictionaries.

    Arrow would note the dictionaries as the columns' type; the note is replaced, so that every reader gets
    the schema itself. Bytes and time are a fraction of those of plain text.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._shown = schema
        few = [field.name for field in schema if _is_few(field)]
        self._schema = pa.schema(field.with_type(_DICTIONARY) if field.name in few else field for field in schema)
        self._file = pq.ParquetWriter(
            path,
            self._schema,
            compression="lz4",
            use_dictionary=few,
            write_statistics=list(POSITION),
            store_schema=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.add_key_value_metadata({"ARROW:schema": base64.b64encode(self._shown.serialize())})
        self._file.close()

    def write(self, block: pa.RecordBatch) -> None:
        self._file.write_batch(block.select(self._schema.names))


def _is_few(column: pa.Field) -> bool:
    name = column.name
    return pa.types.is_large_string(column.type) and (name in _MADE_FEW or name.removesuffix("_raw") in _FEW)


class _Standardiser:
    """Standardises blocks of one load."""

    kind = REGISTERS

    def __init__(self, files: Sequence[FileStamp], reference: Reference) -> None:
        self._reference = reference
        self._file_nos = pa.array([file.file_no for file in files], pa.int32())
        self._senders = pa.array([file.sender for file in files], pa.string())
        self._sent_on = pa.array([file.sent_on for file in files], pa.date32())
        self._old_text = {file.file_no: file.old_text for file in files if file.old_text}

    def block(self, sent: pa.RecordBatch) -> pa.RecordBatch:
        """Returns a block of forms as read as one of STANDARD_SCHEMA."""
        cells = _cells(sent)
        done, sent_on = self._frame(sent, cells)
        if self._old_text:
            cells = _cells(mended(sent, self._old_text))
        done |= self._values(cells, sent_on)
        return pa.RecordBatch.from_pydict(done | _no_movement(sent.num_rows))

    def _frame(self, sent: pa.RecordBatch, cells: dict[str, Cells]) -> tuple[dict[str, pa.Array], pa.Array]:
        """What a row has beside its values: where it stands, who sent it, its id and its cells as sent; and its day."""
        files = pc.index_in(sent["file_no"], value_set=self._file_nos)
        if files.null_count:
            raise PlatformError("A load has rows of a file without a stamp; run the load again from receive.")
        done: dict[str, pa.Array] = {name: sent[name] for name in _PASSED_ON}
        done |= {f"{column}_raw": sent[column] for column in self.kind.columns}
        done["sender"] = pa.DictionaryArray.from_arrays(files, self._senders)
        done["form_id"] = _form_ids(done["sender"], cells, self.kind.columns)
        return done, self._sent_on.take(files)

    def _values(self, cells: dict[str, Cells], sent_on: pa.Array) -> dict[str, pa.Array]:
        """The standard values of forms, and the day that each is stated on."""
        done = _texts(cells) | _names(cells) | _dates(cells) | self._codes(cells)
        done["stated_on"] = pc.coalesce(done["declared_on"], sent_on)
        return done | self._places(cells, done["stated_on"])

    def _codes(self, cells: dict[str, Cells]) -> dict[str, pa.Array]:
        lists = self._reference.code_lists
        return {column: cells[column].encoded(lists[column].codes(cells[column].values.cleaned)) for column in CODED}

    def _places(self, cells: dict[str, Cells], stated_on: pa.Array) -> dict[str, pa.Array]:
        gazetteer = self._reference.gazetteer
        starts = np.array(gazetteer.first_days, dtype="datetime64[D]")
        states = np.searchsorted(starts, stated_on.to_numpy(zero_copy_only=False), side="right") - 1
        done: dict[str, pa.Array] = {}
        ambiguous = np.zeros(len(states), dtype=np.int32)
        for bit, place in enumerate(PLACES):
            codes, days, several = _dated(cells[place], np.maximum(states, 0), gazetteer)
            done[place], done[f"{place}_from"] = codes, days
            ambiguous |= several << bit
        done["ambiguous_places"] = pa.DictionaryArray.from_arrays(
            pa.array(ambiguous, mask=ambiguous == 0), _PLACES_OF_BITS
        )
        return done


class _MovementStandardiser(_Standardiser):
    """Standardises blocks of a load of movements."""

    kind = MOVEMENTS

    def block(self, sent: pa.RecordBatch) -> pa.RecordBatch:
        """Returns a block of movements as read as one of MOVEMENT_SCHEMA."""
        done, sent_on = self._frame(sent, _each(sent, self.kind))
        cells = _each(mended(sent, self._old_text), self.kind)
        own = self._own_codes(cells)
        laid = lay_out(pa.table({column: cell.column for column, cell in cells.items()} | own))
        stated, beside, old = (
            self._values(_cells(_as_block(form)), sent_on) for form in (laid.stated, laid.beside, laid.old)
        )
        done |= stated | own | places_of(beside) | known_of(own["movement"], own["field"], beside)
        done |= {f"{column}_key": beside[f"{column}_key"] for column in KEYED}
        done["changes"] = changes_of(laid, own, beside["current_place"])
        done |= {"document": laid.document, "sent_on": sent_on}
        done |= {"corrected_from": of_field(own["field"], old), "new_value": of_field(own["field"], stated)}
        occurred = cells["occurred_on"]
        done["occurred_on"] = occurred.spread(full_days(parse_dates(occurred.values.cleaned)))
        done["stated_on"] = pc.coalesce(done["occurred_on"], stated["stated_on"])
        return _as_standard(done, sent.num_rows, self.kind)

    def _own_codes(self, cells: dict[str, Cells]) -> dict[str, pa.Array]:
        """The kind of each movement, of its residence, and the column that it corrects, if it is a correction."""
        lists = self._reference.code_lists
        codes = {
            column: cells[column].spread(lists[column].codes(cells[column].values.cleaned)) for column in MOVEMENT_CODED
        }
        named = [text and _fields().get(plain(text)) for text in cells["field"].values.cleaned.to_pylist()]
        field = cells["field"].spread(pa.array(named, TEXT))
        codes["field"] = pc.if_else(is_one_of(codes["movement"], "correction"), field, pa.scalar(None, TEXT))
        return codes


class _DossierStandardiser(_Standardiser):
    """Standardises blocks of a load of dossiers."""

    kind = DOSSIERS

    def block(self, sent: pa.RecordBatch) -> pa.RecordBatch:
        """Returns a block of dossiers as read as one of DOSSIER_SCHEMA."""
        done, sent_on = self._frame(sent, _each(sent, self.kind))
        cells = _each(mended(sent, self._old_text), self.kind)
        captured_at, captured_on = dossiers.captured(cells["captured_at"])
        laid = dossiers.lay_out(cells, captured_on)
        done |= self._values(_cells(_as_block(laid)), sent_on) | dossiers.own_texts(cells)
        done |= {"captured_at": captured_at, "captured_on": captured_on, "sent_on": sent_on}
        done["dossier_id"] = dossiers.dossier_ids(done["sender"].dictionary_decode(), done["form_no"])
        lists = self._reference.code_lists
        done |= {column: cells[column].spread(lists[column].codes(cells[column].values.cleaned))
                 for column in DOSSIER_CODED}  # fmt: skip
        done |= {f"{column}_sha256": _hashes(cells[f"{column}_sha256"]) for column in dossiers.TAKEN}
        names = done["full_name"].dictionary_encode()
        done["full_name_accents"] = accented_keys(names.dictionary).take(names.indices)
        done["mrz_name"] = mrz_names(names.dictionary).take(names.indices)
        return _as_standard(done, sent.num_rows, self.kind)


_STANDARDISERS: dict[str, type[_Standardiser]] = {
    standardiser.kind.name: standardiser
    for standardiser in (_Standardiser, _MovementStandardiser, _DossierStandardiser)
}


def _hashes(cells: Cells) -> pa.Array:
    """SHA-256 sums in small letters; null for what is none."""
    small = pc.ascii_lower(cells.values.cleaned)
    return cells.spread(pc.if_else(pc.match_substring_regex(small, "^[0-9a-f]{64}$"), small, pa.scalar(None, TEXT)))


@cache
def _fields() -> dict[str, str]:
    """Plain header of a form → column of a person that a correction may name by it."""
    names = header_names(header_labels()).columns
    return {label: column for label, column in names.items() if column in GROUP_OF}


def _each(sent: pa.RecordBatch, kind: FileKind) -> dict[str, Cells]:
    """The cells of movements or dossiers, column by column, each distinct text once."""
    return {column: Cells.of(sent[column].dictionary_encode()) for column in kind.columns}


def _as_block(form: dict[str, pa.Array]) -> pa.RecordBatch:
    """Cells of forms as they are read: columns of few values as dictionaries."""
    return pa.RecordBatch.from_pydict(
        {column: cells.dictionary_encode() if column in _FEW else cells for column, cells in form.items()}
    )


def _as_standard(done: dict[str, pa.Array], rows: int, kind: FileKind) -> pa.RecordBatch:
    """Standardised rows of a kind as the writer takes them; cells of columns that they do not have are null."""
    return pa.RecordBatch.from_pydict(
        {field.name: _fitted(done.get(field.name, pa.nulls(rows, TEXT)), field) for field in kind.standard}
    )


def _fitted(column: pa.Array, field: pa.Field) -> pa.Array:
    plain_column = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    return plain_column.cast(pa.string()).dictionary_encode() if _is_few(field) else plain_column.cast(field.type)


def _no_movement(rows: int) -> dict[str, pa.Array]:
    """What only a movement has, null."""
    nothing = pa.DictionaryArray.from_arrays(pa.nulls(rows, pa.int32()), pa.array([], pa.string()))
    return {name: nothing if kind == TEXT else pa.nulls(rows, kind) for name, kind in MOVEMENT_PARTS}


def _dated(
    cells: Cells, states: "np.ndarray[Any, Any]", gazetteer: Gazetteer
) -> tuple[pa.Array, pa.Array, "np.ndarray[Any, np.dtype[np.int32]]"]:
    """Returns code and first day of the place of each row, and 1 where it may be several.

    Each text is resolved once a state of the country.
    """
    count = len(gazetteer.first_days)
    texts = cells.values.cleaned
    positions = cells.positions()
    stated = positions >= 0
    pairs = positions * count + states
    seen = np.flatnonzero(np.bincount(pairs[stated], minlength=len(texts) * count))
    seen = seen[np.argsort(seen % count, kind="stable")]
    number = np.zeros(max(len(texts), 1) * count, dtype=np.int32)
    number[seen] = np.arange(len(seen), dtype=np.int32)
    codes, days, several = [pa.array([], TEXT)], [pa.array([], pa.date32())], [pa.array([], pa.bool_())]
    for state, day in enumerate(gazetteer.first_days):
        asked = texts.take(pa.array(seen[seen % count == state] // count))
        resolved = gazetteer.resolve(asked, day)
        codes.append(resolved.codes)
        days.append(resolved.valid_from)
        several.append(pc.equal(resolved.how, AMBIGUOUS))
    rows = pa.array(number[np.where(stated, pairs, 0)], mask=~stated)
    found = Cells(cells.column, Values(texts), rows)
    doubtful = pa.concat_arrays(several)
    ambiguous: np.ndarray[Any, np.dtype[np.int32]] = np.zeros(1, dtype=np.int32)  # for all rows: the usual case
    if pc.any(doubtful).as_py():
        ambiguous = doubtful.cast(pa.int32()).take(rows).fill_null(0).to_numpy(zero_copy_only=False)
    return found.encoded(pa.concat_arrays(codes)), found.spread(pa.concat_arrays(days)), ambiguous


def _cells(sent: pa.RecordBatch) -> dict[str, Cells]:
    pooled = Cells.pool([sent[name] for name in NAMES])
    alone = {column: Cells.of(sent[column]) for column in COLUMNS if column not in NAMES}
    return alone | dict(zip(NAMES, pooled, strict=True))


def _texts(cells: dict[str, Cells]) -> dict[str, pa.Array]:
    done = {}
    for column in _TEXTS:
        make = cells[column].encoded if column in _FEW else cells[column].spread
        done[column] = make(cells[column].values.cleaned)
    for column in NUMBERS:
        done[column] = cells[column].spread(digits(cells[column].values.cleaned))
    done["phone"] = cells["phone"].spread(phones(cells["phone"].values.cleaned))
    return done


def _names(cells: dict[str, Cells]) -> dict[str, pa.Array]:
    legal = legal_names(cells[NAMES[0]].values.cleaned)  # the columns of names share their values
    keys = name_keys(legal)
    done = {column: cells[column].spread(legal) for column in NAMES}
    return done | {f"{column}_key": cells[column].spread(keys) for column in KEYED}


def _dates(cells: dict[str, Cells]) -> dict[str, pa.Array]:
    birth, death, declared = (cells[name] for name in ("birth_date", "death_date", "declared_on"))
    days = declared.spread(full_days(parse_dates(declared.values.cleaned)))
    return {"birth_date": stated_dates(birth, days), "death_date": stated_dates(death, days), "declared_on": days}


def _form_ids(senders: pa.Array, cells: dict[str, Cells], columns: Sequence[str]) -> pa.Array:
    """Returns the form's identity by content: the first 32 hex digits of a SHA-256.

    It is taken over sender and the raw cells in the order of `columns`, those of the contract, each in NFC without
    outer white space and an absent one empty, joined by U+001F: so a form is the same whatever file, format or order
    brings it.
    """
    parts = pa.table({"sender": senders} | {column: cells[column].settled for column in columns})
    joined = f", chr({ord(_SEPARATOR)}), ".join(parts.column_names)  # concat takes null as empty
    with duckdb.connect() as engine:
        engine.execute("SET threads = 1")
        engine.register("parts", parts)
        hashed = engine.sql(f"SELECT left(sha256(concat({joined})), {_FORM_ID_DIGITS}) AS form_id FROM parts")
        return hashed.to_arrow_table()["form_id"].combine_chunks().cast(TEXT)
