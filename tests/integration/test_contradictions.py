"""The centre or an office contradicts itself, comes late, or two do something at once: no card is asked for twice."""

import datetime as dt
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from registry.cards.book import write_events
from registry.cards.holds import hold_persons, release
from registry.database import load_sql
from tasks.hand_off import hand_off_cards
from tasks.platform import Platform
from tasks.reconcile import reconcile_cards
from tasks.take_answers import take_answer_files
from tasks.take_deliveries import take_delivery_files
from tasks.verify import examine
from tests.integration.card_store import (
    NIGHT,
    STATION,
    Centre,
    Dossier,
    add_dossiers,
    card_platform,
    content,
    parked,
    production,
    shipment,
    states,
)

TOMORROW = NIGHT + dt.timedelta(days=1)


@pytest.fixture
def place(store: Engine, tmp_path: Path) -> Iterator[Platform]:
    with card_platform(store, tmp_path) as place:
        yield place


@pytest.fixture
def handed_off(place: Platform) -> list[Dossier]:
    dossiers = add_dossiers(place, 3)
    hand_off_cards(place, date=NIGHT)
    return dossiers


@pytest.fixture
def centre(place: Platform, tmp_path: Path) -> Centre:
    return Centre(place, tmp_path / "centre")


def deliver(place: Platform, name: str, card_number: str, event: str, *, day: int, **more: str) -> None:
    line = {"happened_at": f"2021-07-{day:02}T09:00:00+07:00", "event": event, "card_number": card_number, **more}
    place.objects.put_bytes(f"inbox/deliveries/{STATION}/{name}.jsonl", json.dumps(line).encode() + b"\n")


def proved(place: Platform) -> None:
    assert [str(breach) for breach in examine(place).breaches if breach.invariant in ("I3", "I4", "I6")] == []


def test_what_was_asked_for_again_stays_so(place: Platform, centre: Centre, handed_off: list[Dossier]) -> None:
    """An acceptance from before the rejection would have the first card made beside the second one."""
    rejected = content(handed_off, "rejected", reason="biometrics_missing")
    centre.say("content", rejected, **centre.batch())
    take_answer_files(place, date=NIGHT)
    assert hand_off_cards(place, date=TOMORROW)["cards"] == 3
    centre.say("content", content(handed_off), **centre.batch(), made_at=dt.datetime(2021, 7, 1, 19, tzinfo=dt.UTC))
    centre.say("content", rejected, **centre.batch())
    take_answer_files(place, date=TOMORROW)
    assert states(place) == {"handed_off": 3}
    assert parked(place) == ["attempt_over"] * 3
    proved(place)


def test_a_card_that_was_captured_again_is_not_fetched_back(
    place: Platform, centre: Centre, handed_off: list[Dossier]
) -> None:
    """The office says late that the card lay there again: its dossier has been sent anew and handed off since."""
    one = handed_off[0]
    number = f"C1-{one.dossier_id[:8]}"
    centre.say("content", content([one]), **centre.batch())
    centre.say("production", production([one]), **centre.batch())
    centre.say("shipment", shipment([one]))
    take_answer_files(place, date=NIGHT)
    deliver(place, "gone", number, "undeliverable", day=10, reason="wrong_address")
    take_delivery_files(place, date=NIGHT)
    with place.engine.begin() as store:
        store.execute(
            text(
                "CREATE TEMP TABLE taken_dossier ON COMMIT DROP AS SELECT * FROM dossier WHERE dossier_id = :dossier_id"
            ),
            {"dossier_id": one.dossier_id},
        )
        store.execute(text("UPDATE taken_dossier SET attempt = 2, captured_at = '2021-07-12T09:00:00+07:00'"))
        write_events(store, load_sql("dossier", "said"), date=TOMORROW)
    assert hand_off_cards(place, date=TOMORROW)["cards"] == 1
    deliver(place, "back", number, "arrived", day=11)
    take_delivery_files(place, date=TOMORROW)
    assert states(place) == {"handed_off": 3}
    assert parked(place) == ["attempt_over"]
    proved(place)


def test_one_number_for_two_cards_of_one_answer_is_neither_s(
    place: Platform, centre: Centre, handed_off: list[Dossier]
) -> None:
    centre.say("content", content(handed_off), **centre.batch())
    lines = production(handed_off)
    lines[1]["card_number"] = lines[0]["card_number"]
    centre.say("production", lines, **centre.batch())
    take_answer_files(place, date=NIGHT)
    assert parked(place) == ["number_taken"] * 2
    assert states(place) == {"accepted": 2, "produced": 1}


def test_a_parked_line_keeps_its_number_and_its_age(place: Platform, centre: Centre, handed_off: list[Dossier]) -> None:
    deliver(place, "stranger", "C9-unknown", "delivered", day=3)
    centre.say("content", content(handed_off), **centre.batch())
    centre.say("production", production(handed_off), **centre.batch())
    centre.say("production", production(handed_off, day=3), **centre.batch())
    take_answer_files(place, date=NIGHT)
    line = {
        "happened_at": "2021-07-04T09:00:00+07:00",
        "event": "arrived",
        "card_number": "C1-" + handed_off[0].dossier_id[:8],
    }
    place.objects.put_bytes("inbox/deliveries/79/other.jsonl", json.dumps(line).encode() + b"\n")
    take_delivery_files(place, date=NIGHT)
    before = rows_of_parked(place)
    assert sorted(reason for _, reason, _ in before) == ["other_office", "unknown_card"]
    for days in range(1, 4):
        take_delivery_files(place, date=NIGHT + dt.timedelta(days=days))
    assert rows_of_parked(place) == before
    oldest = {
        row["reason"]: row["oldest"] for row in reconcile_cards(place, date=NIGHT + dt.timedelta(days=3))["parked"]
    }
    assert oldest == {"unknown_card": 3, "other_office": 3}


def rows_of_parked(place: Platform) -> list[tuple[int, str, dt.date]]:
    with place.engine.begin() as store:
        rows = store.execute(text("SELECT parked_no, reason, business_date FROM parked ORDER BY parked_no"))
        return [(row.parked_no, row.reason, row.business_date) for row in rows]


def test_a_card_held_while_another_hold_was_lifted_stays_on_hold(place: Platform, handed_off: list[Dossier]) -> None:
    """A load is merged for minutes; meanwhile somebody lets the card go on, and then the load says that she died."""
    one = handed_off[0]
    with place.engine.begin() as store:
        hold_persons(store, [one.person_id], "identity", date=NIGHT)
    with place.engine.begin() as merge:
        merge.execute(text("SELECT now()"))
        with place.engine.begin() as operator:
            assert release(operator, one.dossier_id, reason="the same person", date=NIGHT)
        assert hold_persons(merge, [one.person_id], "death", date=NIGHT) == 1
    proved(place)


def test_a_hold_that_is_lifted_while_an_answer_is_taken_stays_lifted(
    place: Platform, centre: Centre, handed_off: list[Dossier]
) -> None:
    """The fold must not be of events that lack one which is written at the same time."""
    one = handed_off[0]
    with place.engine.begin() as store:
        hold_persons(store, [one.person_id], "identity", date=NIGHT)
    centre.say("content", content(handed_off), **centre.batch())
    with ThreadPoolExecutor(1) as night:
        with place.engine.begin() as operator:
            assert release(operator, one.dossier_id, reason="the same person", date=NIGHT)
            taken = night.submit(take_answer_files, place, date=NIGHT)
            while not waits(operator) and not taken.done():
                time.sleep(0.01)
        assert taken.result()["events"] == 3
    proved(place)


def test_a_card_that_is_put_on_hold_while_a_batch_is_decided_is_not_in_it(place: Platform) -> None:
    one = add_dossiers(place, 3)[0]
    with ThreadPoolExecutor(1) as night:
        with place.engine.begin() as operator:
            assert hold_persons(operator, [one.person_id], "death", date=NIGHT) == 1
            handed_off = night.submit(hand_off_cards, place, date=NIGHT)
            while not waits(operator) and not handed_off.done():
                time.sleep(0.01)
        assert handed_off.result() == {"batches": 1, "cards": 2, "waiting": 1}
    proved(place)


def waits(store: Connection) -> bool:
    """Whether somebody waits for what this transaction holds."""
    query = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
    return bool(store.scalar(text(query)))


def test_a_signature_whose_answer_was_taken_goes(place: Platform, centre: Centre, handed_off: list[Dossier]) -> None:
    """A run that was killed while it cleared up: the next answer of that name must not be held against it."""
    centre.say("content", content(handed_off[:2]), **centre.batch())
    key = next(info.key for info in place.objects.list("inbox/acks") if info.key.endswith(".sig"))
    left = place.objects.read_bytes(key)
    take_answer_files(place, date=NIGHT)
    place.objects.put_bytes(key, left)
    take_answer_files(place, date=NIGHT)
    assert list(place.objects.list("inbox")) == []
    again = centre.answer("content", content(handed_off[2:]), **centre.batch())
    place.objects.put_bytes(key.removesuffix(".sig"), again)
    assert take_answer_files(place, date=NIGHT)["unsigned"] == 1
