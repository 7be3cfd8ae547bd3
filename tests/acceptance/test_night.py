"""A night as a stranger runs it: generate, put, nightly, and the questions afterwards. Nothing is in-process."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.homes import Home, home_at, outcomes_of

FORMS = 6_000
NIGHT = "2021-06-30"


@dataclass
class Story:
    """A home in which the night was run, run again, and run once more after the same files had landed again."""

    home: Home
    registers: Path
    first: dict[str, Any]
    again: dict[str, Any]
    repeated: dict[str, Any]
    links: list[dict[str, str]]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, prefect_api: str) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("night")
    registers = folder / "registers"
    with home_at(folder / "home") as home:
        home.dancu("generate", "--out", registers, "--forms", str(FORMS), "--seed", "5")
        home.dancu("put", registers)
        first = home.night(NIGHT)  # with a Prefect server of its own, as on a laptop
        home.api = prefect_api
        again = home.night(NIGHT)
        home.dancu("put", registers)
        repeated = home.night(NIGHT)
        yield Story(home, registers, first, again, repeated, home.links())


def physical_rows(registers: Path) -> Counter[tuple[str, str]]:
    """Lines without the header: the generator writes no line break into a cell."""
    files = sorted((registers / "registers").glob("*/*.csv"))
    return Counter({(file.parent.name, file.name): file.read_bytes().count(b"\n") - 1 for file in files})


def test_every_physical_row_has_one_line_and_one_outcome(story: Story) -> None:
    rows = physical_rows(story.registers)
    assert sum(rows.values()) == FORMS == story.first["rows"]["read"]
    assert Counter((line["sender"], line["file"]) for line in story.links) == rows
    for (sender, file), count in rows.items():
        numbers = {int(line["row_no"]) for line in story.links if (line["sender"], line["file"]) == (sender, file)}
        assert numbers == set(range(1, count + 1))


def test_the_counts_agree_wherever_they_are_shown(story: Story) -> None:
    outcomes = {name: count for name, count in story.first["rows"].items() if name != "read"}
    assert {name: count for name, count in outcomes.items() if count} == dict(outcomes_of(story.links))
    status = story.home.dancu("status")
    assert status["rows"] == story.first["rows"]
    assert status["persons"] == story.home.persons().num_rows == outcomes["new"] + outcomes["review"]
    assert story.first["files"] == len(physical_rows(story.registers)) == status["files"]["taken"]


def test_a_second_run_finds_nothing_to_do(story: Story) -> None:
    assert set(story.again["rows"].values()) == {0}
    assert story.again["files"] == 0
    assert (story.again["cards"]["batches"], story.again["cards"]["cards"]) == (0, 0)


def test_the_same_files_once_more_are_repeats_and_count_no_row(story: Story) -> None:
    assert set(story.repeated["rows"].values()) == {0}
    assert story.repeated["file_states"] == {"repeat": story.first["files"]}
    assert story.repeated["cards"]["cards"] == 0
    assert not [path for path in story.home.landing.rglob("*") if path.is_file()]


def test_the_invariants_hold(story: Story) -> None:
    story.home.prove()


def test_who_is_who_agrees_with_the_truth(story: Story) -> None:
    with (story.registers / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = {(row["sender"], row["form_no"]): row["person_key"] for row in csv.DictReader(file)}
    keys_of: defaultdict[str, set[str]] = defaultdict(set)
    persons_of: defaultdict[str, set[str]] = defaultdict(set)
    for line in story.links:
        if line["person_id"] and (line["sender"], line["form_no"]) in truth:
            key = truth[line["sender"], line["form_no"]]
            keys_of[line["person_id"]].add(key)
            persons_of[key].add(line["person_id"])
    joined_wrongly = [pair for keys in keys_of.values() for pair in combinations(keys, 2)]
    assert joined_wrongly == []
    assert max(map(len, persons_of.values())) <= 3
    assert sum(len(persons) > 1 for persons in persons_of.values()) < 0.02 * len(persons_of)


def test_a_person_shows_where_each_field_came_from(story: Story) -> None:
    matched = next(line for line in story.links if line["outcome"] == "matched")
    person = story.home.dancu("person", matched["person_id"])
    assert person["person_id"] == matched["person_id"]
    assert len(person["forms"]) >= 2
    forms = {form["form_id"] for form in person["forms"]}
    sources = {field["source"]["form_id"] for field in person["fields"]}
    assert sources
    assert sources <= forms
    story.home.dancu("person", "20210630-0000-0000-0000-000000000000", code=2)


def test_each_sender_with_failed_rows_has_its_workbook_and_the_night_its_page(story: Story) -> None:
    objects = story.home.root / "objects"
    failed = {line["sender"] for line in story.links if line["outcome"] in ("quarantined", "unreadable")}
    assert failed
    assert {path.parent.name for path in (objects / "returns").rglob("*.xlsx")} >= failed
    assert "quarantined" in (objects / f"reports/{NIGHT}/index.html").read_text(encoding="utf-8").lower()
