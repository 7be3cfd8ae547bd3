"""The labels under which senders head their columns, the form's own wording and what is usual.

`headers.csv` has those of a register; `movement_headers.csv` and `dossier_headers.csv` those that a file of movements
and of dossiers has beside them.
"""

import csv
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@cache
def header_labels() -> tuple[tuple[str, str], ...]:
    """Pairs of a label and the column of a register that it stands for."""
    return _labels("headers.csv")


@cache
def movement_labels() -> tuple[tuple[str, str], ...]:
    """Pairs of a label and the column that only a file of movements has."""
    return _labels("movement_headers.csv")


@cache
def dossier_labels() -> tuple[tuple[str, str], ...]:
    """Pairs of a label and the column that only a file of dossiers has."""
    return _labels("dossier_headers.csv")


def _labels(name: str) -> tuple[tuple[str, str], ...]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as file:
        return tuple((row["label"], row["column"]) for row in csv.DictReader(file))
