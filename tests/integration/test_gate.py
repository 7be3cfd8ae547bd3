"""The gate of a load: what is outside the limits is held whole, says why, and the rest of the night goes on."""

import csv
import datetime as dt
import io
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import Engine

from expectations.run import RuleRun
from registry.linkage import measures
from registry.status import read_status
from tasks import gate
from tasks.platform import Platform
from tasks.validate import judge_linkage
from tasks.verify import examine
from tests.integration.real_store import installation, work_night
from tests.integration.registers import SENDER, as_csv, ask, files, land, man

NIGHTS = [dt.date(2021, 6, 30) + dt.timedelta(days=day) for day in range(6)]
FIRST, SECOND = NIGHTS[:2]
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
    names = [" ".join(("LÝ", *words)) for words in itertools.product(WORDS, repeat=3)]
    return [
        man(f"G-{number}", full_name=name, permanent_address=f"Số {number}", pid=SHARED)
        for number, name in enumerate(names[:size])
    ]


def people(first: int, count: int, **cells: str) -> list[dict[str, str]]:
    """Made-up men who have nothing in common, and the same ones for the same numbers."""
    return [
        man(
            f"P-{number}", full_name=f"LÝ {WORDS[number % 15]} {WORDS[number // 15]}", pid=f"0750620{number:05}",
            birth_date=f"{1 + number % 28:02}/{1 + number % 12:02}/1962", permanent_address=f"Số {number}",
            father_name=f"LÝ {WORDS[number // 15]} {WORDS[number % 15]}", mother_name=f"LÊ THỊ {WORDS[number % 15]}",
            **cells,
        )
        for number in range(first, first + count)
    ]  # fmt: skip


def judge_nothing(metrics: Mapping[str, float | None]) -> list[RuleRun]:
    """The suite without its limits."""
    return judge_linkage(dict.fromkeys(metrics))


def other_men() -> Sequence[dict[str, str]]:
    return [man("E-1", full_name="LÝ VĂN KHÁC", pid="075062001558", permanent_place=ELSEWHERE)]


@contextmanager
def little_is_enough(forms: int) -> Iterator[None]:
    """Small loads are judged like large ones."""
    with (
        patch.object(measures, "FEWEST_FORMS", forms),
        patch.object(measures, "FEWEST_LOADS", 2),
        patch.object(measures, "FEWEST_PAIRS", 10),
    ):
        yield


def truth(labels: Iterable[tuple[str, str, str]]) -> bytes:
    lines = io.StringIO()
    csv.writer(lines).writerows([("sender", "form_no", "person_key", "remark"), *((*label, "") for label in labels)])
    return lines.getvalue().encode()


def quality_now(place: Platform) -> dict[str, Any]:
    with place.engine.begin() as store:
        found: dict[str, Any] = read_status(store, date=None, today=SECOND)["quality"]
    return found


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
    page = place.objects.read_bytes(f"reports/{FIRST}/index.html").decode()
    assert '<span class="chip held">held</span> <code>LNK-CANDIDATES</code>' in page
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


def test_a_number_that_hundreds_state_is_no_key_and_holds_the_load(place: Platform) -> None:
    land(place, "crowd.csv", as_csv(crowd(320)))
    land(place, "others.csv", as_csv(other_men()), sender=ELSEWHERE)
    with little_is_enough(300):
        work_night(FIRST)
    assert set(files(place)) == {("crowd.csv", "held", "publish-gate"), ("others.csv", "taken", None)}
    ((left_out, held_by),) = ask(
        place, "SELECT linkage->'left_out', linkage->'held_by' FROM load WHERE province = '75'"
    )
    assert (left_out["number_key"], held_by) == (320, ["LNK-NUMBER-SHARED"])
    assert examine(place).breaches == []


def test_everybody_new_where_earlier_nights_matched_is_held_and_the_mended_file_taken(place: Platform) -> None:
    with little_is_enough(30):
        for night, phone in zip(NIGHTS[:3], ("0912000111", "0912000112", "0912000113"), strict=True):
            land(place, f"{night}.csv", as_csv(people(0, 30, phone=phone)))
            work_night(night)
        land(place, "shifted.csv", as_csv(people(100, 30)))
        land(place, "others.csv", as_csv(other_men()), sender=ELSEWHERE)
        outcomes = work_night(NIGHTS[3])
        assert (outcomes["held"], outcomes["new"]) == (30, 1)
        land(place, "mended.csv", as_csv(people(0, 30, phone="0912000114")))
        assert work_night(NIGHTS[4])["matched"] == 30
    assert ask(place, "SELECT name, reason_code FROM file WHERE state = 'held'") == [("shifted.csv", "publish-gate")]
    loads = ask(place, "SELECT linkage->'held_by' FROM load WHERE province = '75' ORDER BY load_no")
    assert [rules for (rules,) in loads] == [
        [], [], [], ["LNK-NEW"], [],
    ]  # fmt: skip
    assert len(ask(place, "SELECT FROM person")) == 31
    assert examine(place).breaches == []


def test_labels_measure_the_decisions_whenever_they_land(place: Platform) -> None:
    labels = [(SENDER, f"P-{number}", f"p{number}") for number in range(30)]
    land(place, "first.csv", as_csv(people(0, 30)))
    work_night(FIRST)
    assert quality_now(place)["forms"] == 0
    place.objects.put_bytes("landing/truth.csv", truth(labels))
    place.objects.put_bytes("landing/truth/other.csv", b"a,b\n1,2\n")
    land(place, "second.csv", as_csv(people(0, 30, phone="0912000111")))
    work_night(SECOND)
    ((quality,),) = ask(place, "SELECT linkage->'quality' FROM load ORDER BY load_no DESC LIMIT 1")
    expected = {"pairs_true": 30, "pairs_said": 30, "pairs_right": 30, "precision": 1, "precision_high": 1, "recall": 1}
    assert {name: quality[name] for name in expected} == expected
    assert quality["forms"] == 30
    assert quality_now(place)["forms"] == 60
    assert quality_now(place)["recall_low"] == pytest.approx(0.886, abs=0.001)
    assert [info.key for info in place.objects.list("landing/")] == ["landing/truth/other.csv"]
    assert len(list(place.objects.list("archive/truth/"))) == 1
    assert examine(place).breaches == []


def test_decisions_that_are_known_to_be_wrong_hold_the_load(place: Platform) -> None:
    other = [(SENDER, f"P-{number}", f"other-{number}") for number in range(30, 60)]
    place.objects.put_bytes("landing/truth/a.csv", truth([(SENDER, f"P-{n}", f"p{n}") for n in range(30)]))
    land(place, "first.csv", as_csv(people(0, 30)))
    work_night(FIRST)
    again = [{**form, "form_no": f"P-{30 + number}"} for number, form in enumerate(people(0, 30, phone="0912000111"))]
    place.objects.put_bytes("landing/truth/b.csv", truth(other))
    land(place, "second.csv", as_csv(again))
    with little_is_enough(30):
        work_night(SECOND)
    ((held_by,),) = ask(place, "SELECT linkage->'held_by' FROM load ORDER BY load_no DESC LIMIT 1")
    assert held_by == ["LNK-PRECISION"]
    assert quality_now(place)["forms"] == 30
    assert examine(place).breaches == []
