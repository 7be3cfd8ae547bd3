"""The page on cards says what the tables and the code say."""

import csv
from pathlib import Path

import pytest

from registry.cards.images import REASONS
from registry.cards.printed import QR_FIELDS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reference" / "printed-card.md").read_text(encoding="utf-8")


def table(first: str) -> list[list[str]]:
    """Rows of the table whose first column is headed so."""
    after = PAGE.split(f"\n| {first} |", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in after.splitlines()[2:]]


def test_fields_of_the_layouts() -> None:
    with (ROOT / "config" / "card_fields.csv").open(encoding="utf-8", newline="") as file:
        assert table("field | layout") == list(csv.reader(file))[1:]


@pytest.mark.parametrize("layout", QR_FIELDS)
def test_fields_of_the_qr_code(layout: str) -> None:
    assert [layout, ", ".join(QR_FIELDS[layout])] in table("layout")


def test_reasons_of_photos() -> None:
    assert table("code") == [list(reason) for reason in REASONS.items()]
