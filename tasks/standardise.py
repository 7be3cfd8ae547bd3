"""Standardise: what was sent becomes typed, coded and dated, and the cells as sent stay beside it.

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
from pathlib import Path
from typing import Any, Self

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from registry.codes import CODED
from registry.dates import full_days, parse_dates, stated_dates
from registry.encodings.columns import OldColumns, mended
from registry.errors import PlatformError
from registry.forms import COLUMNS, NAMES, PLACES, POSITION, STANDARD_SCHEMA
from registry.identity_numbers import digits, phones
from registry.loads import Load
from registry.names import legal_names, name_keys
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
    stamps = [
        FileStamp(file.file_no, file.sender, file.sent_on, told[file.file_no].old_text)
        for file in Load.open(folder).files
    ]
    standardise_load(folder, files=stamps, reference=place.reference)
    note_seconds(folder, "standardise", start)


def standardise_load(folder: Path, *, files: Sequence[FileStamp], reference: Reference) -> int:
    """Writes `standard.parquet` (STANDARD_SCHEMA) beside `read.parquet` (READ_SCHEMA), in its row order.

    Args:
        folder: the load's scratch folder.
        files: a stamp for every `file_no` of the load.
        reference: places and code lists.

    Returns:
        Number of rows.

    Raises:
        PlatformError: a row's file has no stamp.
    """
    half_done = folder / "standard.parquet.part"
    standardiser = _Standardiser(files, reference)
    rows = 0
    with (
        pq.ParquetFile(folder / "read.parquet", read_dictionary=sorted(_FEW)) as source,
        _Writer(half_done) as writer,
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
    """A Parquet file of STANDARD_SCHEMA that takes columns of few values as dictionaries.

    Arrow would note the dictionaries as the columns' type; the note is replaced, so that every reader gets
    STANDARD_SCHEMA. Bytes and time are a fraction of those of plain text.
    """

    def __init__(self, path: Path) -> None:
        few = [name for name in STANDARD_SCHEMA.names if _is_few(name)]
        self._schema = pa.schema(
            field.with_type(_DICTIONARY) if field.name in few else field for field in STANDARD_SCHEMA
        )
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
        self._file.add_key_value_metadata({"ARROW:schema": base64.b64encode(STANDARD_SCHEMA.serialize())})
        self._file.close()

    def write(self, block: pa.RecordBatch) -> None:
        self._file.write_batch(block.select(self._schema.names))


def _is_few(name: str) -> bool:
    return name in {"sender", "ambiguous_places"} or (
        name.removesuffix("_raw") in _FEW and pa.types.is_large_string(STANDARD_SCHEMA.field(name).type)
    )


class _Standardiser:
    """Standardises blocks of one load."""

    def __init__(self, files: Sequence[FileStamp], reference: Reference) -> None:
        self._reference = reference
        self._file_nos = pa.array([file.file_no for file in files], pa.int32())
        self._senders = pa.array([file.sender for file in files], pa.string())
        self._sent_on = pa.array([file.sent_on for file in files], pa.date32())
        self._old_text = {file.file_no: file.old_text for file in files if file.old_text}

    def block(self, sent: pa.RecordBatch) -> pa.RecordBatch:
        """Returns a block of READ_SCHEMA as one of STANDARD_SCHEMA."""
        cells = _cells(sent)
        files = pc.index_in(sent["file_no"], value_set=self._file_nos)
        if files.null_count:
            raise PlatformError("A load has rows of a file without a stamp; run the load again from receive.")
        done: dict[str, pa.Array] = {name: sent[name] for name in _PASSED_ON}
        done |= {f"{column}_raw": sent[column] for column in COLUMNS}
        done["sender"] = pa.DictionaryArray.from_arrays(files, self._senders)
        done["form_id"] = _form_ids(done["sender"], cells)
        if self._old_text:
            cells = _cells(mended(sent, self._old_text))
        done |= _texts(cells) | _names(cells) | _dates(cells) | self._codes(cells)
        done["stated_on"] = pc.coalesce(done["declared_on"], self._sent_on.take(files))
        done |= self._places(cells, done["stated_on"])
        return pa.RecordBatch.from_pydict(done)

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


def _form_ids(senders: pa.Array, cells: dict[str, Cells]) -> pa.Array:
    """Returns the form's identity by content: the first 32 hex digits of a SHA-256.

    It is taken over sender and the raw cells in the order of COLUMNS, each in NFC without outer white space
    and an absent one empty, joined by U+001F: so a form is the same whatever file, format or order brings it.
    """
    parts = pa.table({"sender": senders} | {column: cells[column].settled for column in COLUMNS})
    joined = f", chr({ord(_SEPARATOR)}), ".join(parts.column_names)  # concat takes null as empty
    with duckdb.connect() as engine:
        engine.execute("SET threads = 1")
        engine.register("parts", parts)
        hashed = engine.sql(f"SELECT left(sha256(concat({joined})), {_FORM_ID_DIGITS}) AS form_id FROM parts")
        return hashed.to_arrow_table()["form_id"].combine_chunks().cast(TEXT)
