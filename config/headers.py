"""The labels under which senders head their columns: `headers.csv`, the form's own wording and what is usual."""

import csv
from functools import cache
from pathlib import Path

_HEADERS = Path(__file__).with_name("headers.csv")


@cache
def header_labels() -> tuple[tuple[str, str], ...]:
    """Pairs of a label and the column of the contract that it stands for."""
    with _HEADERS.open(encoding="utf-8", newline="") as file:
        return tuple((row["label"], row["column"]) for row in csv.DictReader(file))
