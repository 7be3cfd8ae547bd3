"""The gate of a load: what is outside the limits is held whole, says why, and the rest of the night goes on."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from unittest.mock import patch

import pytest
from sqlalchemy import Engine

from expectations.run import RuleRun
from registry.linkage import measures
from tasks import gate
from tasks.platform import Platform
from tasks.validate import judge_linkage
from tasks.verify import examine
from tests.integration.real_store import installation, work_night
from tests.integration.registers import as_csv, ask, files, land, man

FIRST, SECOND = dt.date(2021, 6, 30), dt.date(2021, 7, 1)
#: A sender in another province, so its files are another load.
ELSEWHERE = "26734"
SHARED = "075062001557"

WORDS = (
    "AN",
    "BẢO",
    "CƯỜNG",
    "DŨNG",
    "GIANG",
    "HẢI",
    "KHOA",
    "LONG",
    "MINH",
    "NAM",
    "PHÚC",
    "QUÂN",
    "SƠN",
    "TÂM",
    "VIỆT",
)


@pytest.fixture
def place(postgres_server: Engine, tmp_path: Path) -> Iterator[Platform]:
    with installation(postgres_server, tmp_path, name="gate") as place:
        yield place


def crowd(size: int = 225) -> list[dict[str, str]]:
    """Different made-up men of one day who all state one number."""
    names = [f"LÝ {first} {last}" for first in WORDS for last in WORDS]
    return [
        man(f"G-{number}", full_name=name, permanent_address=f"Số {number}", pid=SHARED)
        for number, name in enumerate(names[:size])
    ]


def judge_nothing(metrics: Mapping[str, float | None]) -> list[RuleRun]:
    """The suite without its limits."""
    return judge_linkage(dict.fromkeys(metrics))


def other_men() -> Sequence[dict[str, str]]:
    return [man("E-1", full_name="LÝ VĂN KHÁC", pid="075062001558", permanent_place=ELSEWHERE)]


def test_a_load_with_far_too_many_candidates_is_held_and_the_other_one_taken(place: Platform) -> None:
    land(place, "crowd.csv", as_csv(crowd()))
    land(place, "others.csv", as_csv(other_men()), sender=ELSEWHERE)
    outcomes = work_night(FIRST)
    assert set(files(place)) == {("crowd.csv", "held", "publish-gate"), ("others.csv", "taken", None)}
    assert (outcomes["held"], outcomes["new"]) == (225, 1)
    assert ask(place, "SELECT count(*) FROM person") == [(1,)]
    ((reason, who_acts),) = ask(place, "SELECT reason, who_acts FROM file WHERE state = 'held'")
    assert "LNK-CANDIDATES (112, limit 100)" in reason
    assert who_acts == "operator"
    kept = ask(place, "SELECT linkage->>'forms', linkage->>'candidates', linkage->'held_by' FROM load ORDER BY load_no")
    assert ("225", "25200", ["LNK-CANDIDATES"]) in kept
    assert examine(place).breaches == []


def test_a_held_file_that_lands_again_is_judged_anew(place: Platform) -> None:
    land(place, "crowd.csv", as_csv(crowd()))
    work_night(FIRST)
    land(place, "crowd.csv", as_csv(crowd()))
    with patch.object(measures, "FEWEST_CANDIDATES", 1_000_000), patch.object(gate, "judge_linkage", judge_nothing):
        work_night(SECOND)
    assert files(place) == [("crowd.csv", "held", "publish-gate"), ("crowd.csv", "taken", None)]
    assert examine(place).breaches == []


def test_a_load_within_the_limits_leaves_its_counts(place: Platform) -> None:
    land(place, "two.csv", as_csv([man("1"), man("2", permanent_address="Số 2")]))
    work_night(FIRST)
    ((linkage,),) = ask(place, "SELECT linkage FROM load")
    assert linkage["held_by"] == []
    assert {name: linkage[name] for name in ("forms", "candidates", "pairs", "new", "matched", "review")} == {
        "forms": 2, "candidates": 1, "pairs": 1, "new": 1, "matched": 1, "review": 0,
    }  # fmt: skip
    assert linkage["largest_person"] == 2
    assert "narrowed" in linkage
