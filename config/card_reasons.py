"""Why the production centre rejects a dossier, and who mends it (`card_reasons.csv`)."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("card_reasons.csv")


@cache
def _rows() -> tuple[Mapping[str, str], ...]:
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def sent_again() -> tuple[str, ...]:
    """Codes of what the register mends itself: the dossier is handed off again. For all others it goes back."""
    return tuple(row["code"] for row in _rows() if row["who_acts"] == "register")


def meanings() -> Mapping[str, tuple[str, str]]:
    """Code → what it means, in Vietnamese and in English."""
    return {row["code"]: (row["vi"], row["en"]) for row in _rows()}
