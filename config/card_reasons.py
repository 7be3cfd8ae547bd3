"""Why the production centre rejects a dossier, and who mends it (`card_reasons.csv`)."""

import csv
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("card_reasons.csv")


@cache
def sent_again() -> tuple[str, ...]:
    """Codes of what the register mends itself: the dossier is handed off again. For all others it goes back."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(row["code"] for row in csv.DictReader(file) if row["who_acts"] == "register")
