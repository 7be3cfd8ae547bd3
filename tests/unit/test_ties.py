"""Which pairs tie a person's forms, which wait beside whom, and what the parts of a weight are called."""

import datetime as dt
from typing import Any

import pytest

from registry.linkage.model import LinkageModel
from registry.ties import ties_of
from tasks.platform import CONFIG

MINE, OTHER = "20210630-aaaa", "20210630-bbbb"


@pytest.fixture(scope="module")
def model() -> LinkageModel:
    return LinkageModel.load(CONFIG / "linkage")


def pair(one: str, other: str, person: str, model: LinkageModel, **cells: Any) -> dict[str, Any]:
    """A row of `person/pairs.sql`: a form of mine beside one of another person, or of mine."""
    return {
        "form_a": one, "form_b": other, "weight": 6.5, "parts": [0.25] * len(model.comparisons), "apart": False,
        "night": dt.date(2021, 6, 30), "verdict": None, "reviewer": None, "reason": None, "said_on": None,
        "person_a": MINE, "sender_a": "25993", "form_no_a": "1", "person_b": person, "sender_b": "25993",
        "form_no_b": "2", **cells,
    }  # fmt: skip


def test_parts_have_the_names_of_the_comparisons(model: LinkageModel) -> None:
    [tie], rivals = ties_of([pair("a", "b", MINE, model)], MINE, model)
    assert tie["parts"] == dict.fromkeys(model.comparisons, 0.25)
    assert [form["form_id"] for form in tie["forms"]] == ["a", "b"]
    assert (tie["said"], rivals) == (None, [])


def test_a_pair_that_a_reviewer_alone_ties_has_no_weight(model: LinkageModel) -> None:
    said = {"verdict": "same", "reviewer": "R", "reason": None, "said_on": dt.date(2021, 7, 1)}
    [tie], _ = ties_of([pair("a", "b", MINE, model, weight=None, parts=None, apart=None, **said)], MINE, model)
    assert (tie["weight"], tie["parts"], tie["said"]) == (None, {}, said)


@pytest.mark.parametrize(
    ("cells", "waits"),
    [
        ({}, True),
        ({"verdict": "unsure"}, True),
        ({"verdict": "different"}, False),
        ({"verdict": "never"}, False),
        ({"apart": True}, False),
        ({"weight": None, "parts": None, "verdict": "unsure"}, False),
    ],
)
def test_a_rival_is_one_with_whom_a_pair_waits(model: LinkageModel, cells: dict[str, Any], waits: bool) -> None:
    ties, rivals = ties_of([pair("a", "b", OTHER, model, **cells)], MINE, model)
    assert ties == []
    assert [rival["person_id"] for rival in rivals] == [OTHER] * waits


def test_one_pair_that_is_plainly_of_two_speaks_for_all(model: LinkageModel) -> None:
    pairs = [pair("a", "b", OTHER, model), pair("c", "b", OTHER, model, apart=True)]
    assert ties_of(pairs, MINE, model) == ([], [])
