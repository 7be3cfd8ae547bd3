"""The production centre: its code, and within which terms it and others answer (`centre.csv`)."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

#: All cards are made by one centre. The store and the protocol would take a second one beside it.
CENTRE = "national"

_TABLE = Path(__file__).with_name("centre.csv")


@cache
def terms() -> Mapping[str, int]:
    """Term → days: receipt, answer, production, shipment, delivery, correction."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return {row["term"]: int(row["days"]) for row in csv.DictReader(file)}
