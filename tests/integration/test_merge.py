"""Resolve, merge and hand off, on a real store: who is who over several nights, and who gets a card, once."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tasks.platform import Platform
from tasks.verify import examine
from tests.integration.real_store import installation, work_night
from tests.integration.registers import as_csv, ask, land, man, persons, verdicts

FIRST, SECOND, THIRD = (dt.date(2021, 6, 30) + dt.timedelta(days=day) for day in range(3))


@pytest.fixture
def place(postgres_server: Engine, tmp_path: Path) -> Iterator[Platform]:
    with installation(postgres_server, tmp_path, name="merge") as place:
        yield place
        assert examine(place).breaches == []


def night(place: Platform, date: dt.date, *forms: dict[str, str]) -> dict[str, int]:
    if forms:
        land(place, f"{date}-{forms[0]['form_no']}.csv", as_csv(forms))
    return work_night(date)


def batches(place: Platform) -> list[int]:
    return [count for (count,) in ask(place, "SELECT cards FROM card_batch ORDER BY sequence")]


# -- who is who ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("together", [True, False], ids=["one night", "two nights"])
def test_a_number_that_two_persons_state_is_for_people_to_decide(place: Platform, together: bool) -> None:
    mine, theirs = man("1"), man("2", full_name="TRỊNH VĂN LẠ", birth_date="07/08/1962", father_name="TRỊNH VĂN CHA")
    if together:
        night(place, FIRST, mine, theirs)
        assert sorted(verdicts(place).values()) == ["review", "review"]
    else:
        night(place, FIRST, mine)
        assert batches(place) == [1]
        night(place, SECOND, theirs)
        assert verdicts(place) == {"1": "new", "2": "review"}
    assert persons(place) == [("LÝ VĂN THỬ", True), ("TRỊNH VĂN LẠ", True)]
    assert sum(batches(place)) == (0 if together else 1)


def test_a_form_that_agrees_with_both_sides_ends_the_contest(place: Platform) -> None:
    night(
        place,
        FIRST,
        man("1", father_name=""),
        man("2", full_name="LÝ VĂN THƯ KÝ", birth_date="06/12/1962", father_name=""),
    )
    assert [review for _, review in persons(place)] == [True, True]
    night(place, SECOND, man("3", birth_date="06/12/1962", father_name=""))
    assert verdicts(place)["3"] == "matched"
    assert [review for _, review in persons(place)] == [False]


def test_a_form_that_ties_two_persons_joins_them_and_both_ids_still_lead_there(place: Platform) -> None:
    halves = [man("1", pid="", cmnd_no="276187399", mother_name=""), man("2", mother_name="")]
    night(place, FIRST, halves[0])
    night(place, SECOND, halves[1])
    assert len(persons(place)) == 2
    night(place, THIRD, man("3", cmnd_no="276187399", mother_name=""))
    assert persons(place) == [("LÝ VĂN THỬ", False)]
    [(person_id,)] = ask(place, "SELECT person_id::text FROM person")
    assert person_id.startswith("20210630")
    aliases = ask(place, "SELECT old_id::text, person_id::text FROM person_alias")
    assert [(old[:8], new) for old, new in aliases] == [("20210701", person_id)]
    assert ask(place, "SELECT pid, cmnd_no FROM person") == [("075062001557", "276187399")]


# -- who gets a card -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cells",
    [
        {"death_date": "01/02/2021"},
        {"birth_date": "05/12/2012", "pid": "075212001557"},
        {"pid": "", "cmnd_no": "276187399"},
        {"birth_date": "1962"},
        {"nationality": "Lào"},
    ],
    ids=["dead", "a child", "no number", "a year only", "a foreigner"],
)
def test_no_card_is_asked_for(place: Platform, cells: dict[str, str]) -> None:
    night(place, FIRST, man("1", **cells))
    assert len(persons(place)) == 1
    assert batches(place) == []


def test_a_card_is_asked_for_once(place: Platform) -> None:
    night(place, FIRST, man("1"))
    night(place, SECOND, man("2", phone="0912000111"))
    night(place, THIRD)
    assert verdicts(place) == {"1": "new", "2": "matched"}
    assert batches(place) == [1]


def test_who_comes_of_age_gets_a_card_that_night_without_a_new_form(place: Platform) -> None:
    night(
        place,
        FIRST,
        man("1", birth_date="01/07/2007", pid="075207001557"),
        man("2", full_name="LÝ VĂN LỚN", pid="075062001558", birth_date="06/12/1962"),
    )
    assert batches(place) == [1]
    night(place, SECOND)
    assert batches(place) == [1, 1]
    night(place, THIRD)
    assert batches(place) == [1, 1]


def test_what_is_missing_comes_later_and_so_does_the_card(place: Platform) -> None:
    night(place, FIRST, man("1", birth_date="1962"))
    assert batches(place) == []
    night(place, SECOND, man("2"))
    assert batches(place) == [1]


def test_a_batch_whose_manifest_was_not_written_is_published_as_it_was_decided(place: Platform) -> None:
    night(place, FIRST, man("1"))
    folder = "outbox/cards/000001"
    cards, manifest = (place.objects.read_bytes(f"{folder}/{name}") for name in ("cards.jsonl", "manifest.json"))
    assert json.loads(manifest)["count"] == len(cards.splitlines()) == 1
    place.objects.delete(f"{folder}/manifest.json")
    ask(place, "UPDATE card_batch SET published_at = NULL RETURNING 1")
    night(place, SECOND, man("2", full_name="LÝ VĂN HAI", pid="075062001558", birth_date="06/12/1962"))
    assert place.objects.read_bytes(f"{folder}/manifest.json") == manifest
    assert place.objects.read_bytes(f"{folder}/cards.jsonl") == cards
    assert batches(place) == [1, 1]


def test_cards_that_were_written_and_never_committed_are_decided_anew(place: Platform) -> None:
    place.objects.put_bytes("outbox/cards/000001/cards.jsonl", b"half a li")
    night(place, FIRST, man("1"))
    manifest = json.loads(place.objects.read_bytes("outbox/cards/000001/manifest.json"))
    assert place.objects.fetch("outbox/cards/000001/cards.jsonl", None).sha256 == manifest["sha256"]
