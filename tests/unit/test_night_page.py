"""What the night's page may say, and how it says it."""

import pytest

from registry.night_page import _duration, _percent, harmless


@pytest.mark.parametrize(
    "name", ["register-2021-06-30.csv", "dc01-26734-001.csv", "75000.jsonl.gz", "bao_2.xlsx", "R.parquet", "2021"]
)
def test_names_that_name_nobody_are_shown(name: str) -> None:
    assert harmless(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "nguyen_van_an.csv",
        "Trần Thị Bưởi.xlsx",
        "079185001234.csv",
        "r-123456789.csv",
        "<b>.csv",
        "a b.csv",
        "x" * 70,
        "an.csv\n",
    ],
)
def test_other_names_are_not(name: str) -> None:
    assert harmless(name) == "…"


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 0, "–"),
        (0, 9, "0 %"),
        (9, 9, "100 %"),
        (1, 3, "33.3 %"),
        (1, 100_000, "< 0.1 %"),
        (99_999, 100_000, "> 99.9 %"),
    ],
)
def test_all_and_nothing_are_said_only_of_all_and_nothing(part: int, whole: int, said: str) -> None:
    assert _percent(part, whole) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, "–"), (2.46, "2.5 s"), (59.99, "1 min 00 s"), (143, "2 min 23 s"), (7265, "2 h 01 min")],
)
def test_durations(seconds: float | None, said: str) -> None:
    assert _duration(seconds) == said
