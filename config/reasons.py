"""What became of a file, in Vietnamese (`reasons.csv`): the ledger keeps a code and an English sentence."""

import csv
from functools import cache
from pathlib import Path

_REASONS = Path(__file__).with_name("reasons.csv")


@cache
def file_reasons() -> dict[str, str]:
    """Reason code of the ledger → what its sender is told in Vietnamese."""
    with _REASONS.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["vi"] for row in csv.DictReader(file)}
