"""The first line: which of the file's columns is which of ours."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from registry.formats.reasons import FileRefusedError
from registry.kinds import REGISTERS, FileKind

#: Columns of a returned workbook that say which row of which file is corrected.
RETURN_COLUMNS: dict[str, str] = {"dancu_file": "returned_file", "dancu_row": "returned_row"}

#: Columns that our own returned workbooks add for people; they are ignored without a note.
OWN_PREFIX = "dancu "

_SEPARATORS = re.compile(r"[\W_]+")
_SHOWABLE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)+")
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Layout:
    """What stands where in a row.

    Attributes:
        width: how many cells a row has.
        places: our column (of the kind's, `returned_file` or `returned_row`) → index of its cell.
        kind: of the file.
        notes: what was ignored.
    """

    width: int
    places: Mapping[str, int]
    kind: FileKind
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Headers:
    """How the columns of a kind of files may be headed.

    Attributes:
        kind: whose columns.
        columns: plain header → our column.
    """

    kind: FileKind
    columns: Mapping[str, str]


@lru_cache(maxsize=4096)
def plain(label: str) -> str:
    """A header without what people vary: case, accents, punctuation, spaces, byte order mark."""
    lowered = label.replace("đ", "d").replace("Đ", "d").replace("Ð", "d").casefold()
    letters = (c for c in unicodedata.normalize("NFD", lowered) if not unicodedata.combining(c))
    return _SEPARATORS.sub(" ", "".join(letters)).strip()


def header_names(aliases: Iterable[tuple[str, str]], kind: FileKind = REGISTERS) -> Headers:
    """What readers know of headers.

    Args:
        aliases: pairs (label, column); the columns' own names need not be among them.
        kind: of the files.

    Raises:
        ValueError: a label stands for two columns, or a column is none of the kind's.
    """
    names = {plain(column): column for column in (*kind.columns, *RETURN_COLUMNS)}
    for label, column in aliases:
        if column not in kind.columns:
            raise ValueError(f"header table: {column!r} is no column of {kind.name}")
        if names.setdefault(plain(label), column) != column:
            raise ValueError(f"header table: {label!r} stands for two columns")
    return Headers(kind, names)


def known_count(header: Sequence[str], names: Headers) -> int:
    """How many cells of a line are headers that we know."""
    return sum(plain(cell) in names.columns for cell in header)


def layout_of(header: Sequence[str], names: Headers, *, max_columns: int) -> Layout:
    """Which cell holds which column.

    Raises:
        FileRefusedError: too many columns, no header, a column twice, or a needed column is missing.
    """
    if len(header) > max_columns:
        raise FileRefusedError(
            "too_many_columns",
            f"The file has {len(header)} columns and at most {max_columns} are read; "
            "the sender must send the table alone.",
        )
    labels = [plain(cell) for cell in header]
    found = [names.columns.get(label) for label in labels]
    check_columns(Counter(column for column in found if column), names.kind)
    places = {RETURN_COLUMNS.get(column, column): i for i, column in enumerate(found) if column}
    return Layout(len(header), places, names.kind, _notes(header, labels, found))


def check_columns(found: Mapping[str, int], kind: FileKind) -> None:
    """Refuses a file whose known columns, with how often each is there, do not make one of its kind.

    Raises:
        FileRefusedError: `header`, `duplicate_column` or `missing_column`.
    """
    if not found:
        raise FileRefusedError(
            "header",
            f"The first line names no column of {kind.name}; the sender must put the header there.",
        )
    twice = sorted(column for column, times in found.items() if times > 1)
    if twice:
        raise FileRefusedError(
            "duplicate_column",
            f"More than one column is headed as {', '.join(twice)}; the sender must leave one of each.",
        )
    missing = [column for column in kind.needed if column not in found]
    if kind.one_needed and not any(column in found for column in kind.one_needed):
        missing.append(" or ".join(kind.one_needed))
    if missing:
        raise FileRefusedError(
            "missing_column", f"The header lacks {', '.join(missing)}; the sender must add what is missing."
        )


def _notes(header: Sequence[str], labels: Sequence[str], found: Sequence[str | None]) -> tuple[str, ...]:
    """A note on the columns that were ignored. Only what is surely a technical name is shown."""
    unknown = [
        cell
        for cell, label, column in zip(header, labels, found, strict=True)
        if not column and not f"{label} ".startswith(OWN_PREFIX)
    ]
    if not unknown:
        return ()
    shown = [cell for cell in unknown if _SHOWABLE.fullmatch(cell)][:_SHOWN]
    return (f"unknown_columns: {len(unknown)}" + (f" ({', '.join(shown)})" if shown else ""),)
