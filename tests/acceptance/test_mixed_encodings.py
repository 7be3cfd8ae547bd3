"""A night of registers in every encoding and way of writing places, none stated: each row ends as the truth says."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.homes import Home, home_at

NIGHT = "2021-06-30"
FORMS = 1_500
#: Many slips, so that every kind of outcome is there.
SLIPS = ("--clean-share", "0.6")
#: Three communes a province send one file each; the styles of the province go round among them.
STYLES: dict[str, tuple[str, ...]] = {
    "75": ("utf-8-nfd+abbreviated", "utf-16+plain", "tcvn3+reversed"),
    "74": ("vni+abbreviated+upper", "viqr+full", "windows-1258+plain"),
    "79": ("tcvn3+codes", "vni+codes", "utf-8+upper+reversed"),
}
ACCEPTED = {"new", "matched", "review"}

Form = tuple[str, str]


@dataclass
class Story:
    """A home after the night; the truth and the links by sender and number of the form."""

    home: Home
    summary: dict[str, Any]
    truth: dict[Form, dict[str, str]]
    links: dict[Form, list[dict[str, str]]]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, prefect_api: str) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("mixed")
    truth: dict[Form, dict[str, str]] = {}
    links: defaultdict[Form, list[dict[str, str]]] = defaultdict(list)
    with home_at(folder / "home", api=prefect_api) as home:
        for province, styles in STYLES.items():
            registers = folder / province
            options = [word for style in styles for word in ("--style", style)]
            home.dancu("generate", "--out", registers, "--forms", str(FORMS), "--province", province, *SLIPS, *options)
            home.dancu("put", registers)
            truth |= {(line["sender"], line["form_no"]): line for line in truth_of(registers)}
        summary = home.night(NIGHT)
        for line in home.links():
            links[line["sender"], line["form_no"]].append(line)
        yield Story(home, summary, truth, links)


def truth_of(registers: Path) -> list[dict[str, str]]:
    with (registers / "truth.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_style_is_there_and_every_file_is_taken(story: Story) -> None:
    assert {line["style"] for line in story.truth.values()} == {style for styles in STYLES.values() for style in styles}
    assert set(story.summary["file_states"]) == {"taken"}
    assert story.summary["rows"]["read"] == len(STYLES) * FORMS


def test_every_row_ends_as_the_truth_says(story: Story) -> None:
    wrong: Counter[tuple[str, str, str]] = Counter()
    unreadable = 0
    for form, line in story.truth.items():
        found = sorted(kind(link["outcome"]) for link in story.links.get(form, []))
        unreadable += line["outcome"] == "unreadable"
        expected = [] if line["outcome"] == "unreadable" else line["outcome"].split(";")
        if line["outcome"] and found != expected:
            wrong[line["style"], line["outcome"], ";".join(found)] += 1
    assert wrong == {}
    assert {line["outcome"] for line in story.truth.values()} >= {"accepted", "quarantined", "accepted;duplicate"}
    assert unreadable == story.summary["rows"]["unreadable"] > 0
    assert sum(not line["outcome"] for line in story.truth.values()) < 0.01 * len(story.truth)


def kind(outcome: str) -> str:
    return "accepted" if outcome in ACCEPTED else outcome


def test_legal_names_are_letter_for_letter_those_of_the_truth(story: Story) -> None:
    names = dict(zip(*(story.home.persons().column(name).to_pylist() for name in ("person_id", "full_name")),
                     strict=True))  # fmt: skip
    expected: defaultdict[str, set[str]] = defaultdict(set)
    style_of = {}
    for form, line in story.truth.items():
        for link in story.links.get(form, []):
            if link["person_id"]:
                expected[link["person_id"]].add(line["full_name"])
                style_of[link["person_id"]] = line["style"]
    certain = {person: legal for person, (legal, *others) in expected.items() if legal and not others}
    assert Counter(style_of[person] for person, legal in certain.items() if names[person] != legal) == {}
    assert len(certain) > 0.8 * len(names)


def test_who_is_who_agrees_with_the_truth(story: Story) -> None:
    """Keys are told apart within a province only."""
    keys_of: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    persons_of: defaultdict[str, set[str]] = defaultdict(set)
    for form, line in story.truth.items():
        for link in story.links.get(form, []):
            if link["person_id"]:
                keys_of[link["person_id"], line["person_key"][:2]].add(line["person_key"])
                persons_of[line["person_key"]].add(link["person_id"])
    assert [pair for keys in keys_of.values() for pair in combinations(keys, 2)] == []
    assert sum(len(persons) > 1 for persons in persons_of.values()) < 0.04 * len(persons_of)


def test_the_invariants_hold(story: Story) -> None:
    story.home.prove()
