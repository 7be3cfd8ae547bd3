"""What the centre and the offices say of cards: proved, taken once, in whatever order it comes."""

import datetime as dt
import io
import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, text

from config.centre import CENTRE
from registry.cards.holds import hold_persons
from registry.sealing.hash_totals import hash_total
from registry.sealing.key_folder import KeyFolder
from registry.sealing.keys import SIGNING
from registry.sealing.signatures import sign
from tasks.hand_off import hand_off_cards
from tasks.platform import Platform
from tasks.reconcile import reconcile_cards
from tasks.return_cards import return_to_stations
from tasks.take_answers import take_answer_files
from tasks.take_deliveries import take_delivery_files
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
    dossiers = add_dossiers(place, 6)
    hand_off_cards(place, date=NIGHT)
    return dossiers


@pytest.fixture
def centre(place: Platform, tmp_path: Path) -> Centre:
    return Centre(place, tmp_path / "centre")


def take(place: Platform, date: dt.date = NIGHT) -> dict[str, int]:
    """What became of the files, without what is nothing."""
    return {what: count for what, count in take_answer_files(place, date=date).items() if count}


def messages(place: Platform) -> list[tuple[str, str | None]]:
    with place.engine.begin() as store:
        return [tuple(row) for row in store.execute(text("SELECT state, reason FROM message ORDER BY message_no"))]


def deliver(place: Platform, name: str, lines: list[dict[str, str]], office: str = STATION) -> None:
    body = "".join(json.dumps(line) + "\n" for line in lines)
    place.objects.put_bytes(f"inbox/deliveries/{office}/{name}.jsonl", body.encode())


def delivery(dossiers: list[Dossier], event: str, *, day: int = 9, **more: str) -> list[dict[str, str]]:
    return [
        {"happened_at": f"2021-07-{day:02}T09:00:00+07:00", "event": event, "card_number": f"C1-{one.dossier_id[:8]}"}
        | more
        for one in dossiers
    ]


def test_from_acceptance_to_delivery(place: Platform, centre: Centre, handed_off: list[Dossier]) -> None:
    centre.say("receipt", **centre.batch(), result="ok")
    centre.say("content", content(handed_off), **centre.batch())
    assert take(place) == {"taken": 2, "events": 6}
    assert states(place) == {"accepted": 6}
    centre.say("production", production(handed_off), **centre.batch())
    centre.say("shipment", shipment(handed_off))
    assert take(place) == {"taken": 2, "events": 12}
    deliver(place, "arrived", delivery(handed_off, "arrived", day=8))
    deliver(place, "handed-over", delivery(handed_off[:5], "delivered"))
    deliver(place, "not-found", delivery(handed_off[5:], "undeliverable", reason="wrong_address"))
    counts = take_delivery_files(place, date=NIGHT)
    assert (counts["taken"], counts["events"], counts["parked"]) == (3, 12, 0)
    assert states(place) == {"delivered": 5, "undeliverable": 1}
    assert list(place.objects.list("inbox")) == []


def test_what_is_sent_again_changes_nothing(place: Platform, centre: Centre, handed_off: list[Dossier]) -> None:
    said = centre.say("content", content(handed_off), **centre.batch())
    take(place)
    centre.put(said, "again")
    assert take(place) == {"repeat": 1}
    assert states(place) == {"accepted": 6}


def test_the_rejected_go_back_or_are_asked_for_again(
    place: Platform, centre: Centre, handed_off: list[Dossier]
) -> None:
    one, other, *rest = handed_off
    lines = [
        *content([one], "rejected", reason="fingerprint_mismatch"),
        *content([other], "rejected", reason="biometrics_missing"),
        *content(rest),
    ]
    centre.say("content", lines, **centre.batch())
    take(place)
    assert states(place) == {"accepted": 4, "captured": 1, "returned": 1}
    assert hand_off_cards(place, date=TOMORROW)["cards"] == 1
    centre.say("content", content([other], attempt=2), **centre.batch(2))
    take(place, TOMORROW)
    assert states(place) == {"accepted": 5, "returned": 1}
    assert parked(place) == []


def test_stations_are_told_what_to_correct(place: Platform, centre: Centre, handed_off: list[Dossier]) -> None:
    centre.say("content", content(handed_off[:2], "rejected", reason="photo_unusable"), **centre.batch())
    take(place)
    assert return_to_stations(place, date=NIGHT) == {"stations": 1, "returned": 2, "held": 0}
    book = load_workbook(io.BytesIO(place.objects.read_bytes(f"returns/{STATION}/{NIGHT}-cards.xlsx")))
    _, header, *rows = book.worksheets[0].iter_rows(values_only=True)
    assert header[0] == "dossier_no"
    assert [row[0] for row in rows] == ["D-0", "D-1"]
    assert {row[2:] for row in rows} == {("photo_unusable", "Ảnh không in được", "The photo cannot be printed")}


def test_stations_are_told_which_cards_not_to_hand_over(
    place: Platform, centre: Centre, handed_off: list[Dossier]
) -> None:
    centre.say("content", content(handed_off), **centre.batch())
    centre.say("production", production(handed_off), **centre.batch())
    take(place)
    with place.engine.begin() as store:
        hold_persons(store, [handed_off[3].person_id], "death", date=NIGHT)
    assert return_to_stations(place, date=NIGHT) == {"stations": 1, "returned": 0, "held": 1}
    book = load_workbook(io.BytesIO(place.objects.read_bytes(f"returns/{STATION}/{NIGHT}-cards.xlsx")))
    _, _, *rows = book.worksheets[0].iter_rows(values_only=True)
    assert rows == [("D-3", f"C1-{handed_off[3].dossier_id[:8]}", "produced", "death")]


def test_lines_that_no_reader_could_read_are_asked_for_again(
    place: Platform, centre: Centre, handed_off: list[Dossier]
) -> None:
    centre.say("syntax", [{"line": 2, "error": "line_unreadable"}], **centre.batch())
    take(place)
    second = sorted(one.dossier_id for one in handed_off)[1]
    with place.engine.begin() as store:
        asked = store.execute(text("SELECT dossier_id::text, attempt FROM card WHERE state = 'captured'")).one()
    assert tuple(asked) == (second, 2)


@pytest.mark.usefixtures("handed_off")
def test_a_damaged_batch_is_put_there_again(place: Platform, centre: Centre) -> None:
    before = {info.key: place.objects.read_bytes(info.key) for info in place.objects.list("outbox")}
    centre.say("receipt", **centre.batch(), result="damaged", reason="sealed_differs")
    take(place)
    for key in before:
        place.objects.put_bytes(key, b"rubbish")
    hand_off_cards(place, date=TOMORROW)
    assert {info.key: place.objects.read_bytes(info.key) for info in place.objects.list("outbox")} == before


def test_the_order_of_arrival_does_not_matter(place: Platform, centre: Centre, handed_off: list[Dossier]) -> None:
    centre.say("shipment", shipment(handed_off))
    deliver(place, "handed-over", delivery(handed_off, "delivered"))
    take(place)
    take_delivery_files(place, date=NIGHT)
    assert states(place) == {"handed_off": 6}
    assert parked(place) == ["shipped_when_handed_off"] * 6 + ["unknown_card"] * 6
    centre.say("production", production(handed_off), **centre.batch())
    centre.say("content", content(handed_off), **centre.batch())
    take(place, TOMORROW)
    take_delivery_files(place, date=TOMORROW)
    assert states(place) == {"delivered": 6}
    assert parked(place) == []


def test_lines_that_fit_nothing_are_parked_one_by_one(
    place: Platform, centre: Centre, handed_off: list[Dossier]
) -> None:
    stranger = "00000000-0000-0000-0000-00000000000a"
    lines = [
        *content(handed_off[:1]),
        {"dossier": stranger, "attempt": 1, "result": "accepted"},
        {"dossier": handed_off[1].dossier_id, "attempt": 2, "result": "accepted"},
    ]
    centre.say("content", lines, **centre.batch())
    assert take(place) == {"taken": 1, "events": 1, "parked_lines": 2}
    assert parked(place) == ["not_asked_for", "unknown_dossier"]


def test_one_card_number_is_one_card(place: Platform, centre: Centre, handed_off: list[Dossier]) -> None:
    centre.say("content", content(handed_off), **centre.batch())
    centre.say("production", production(handed_off[:1]), **centre.batch())
    take(place)
    twice = production(handed_off[1:2])
    twice[0]["card_number"] = production(handed_off[:1])[0]["card_number"]
    centre.say("production", twice, **centre.batch())
    take(place)
    assert parked(place) == ["number_taken"]
    assert states(place) == {"accepted": 5, "produced": 1}


def test_an_office_speaks_of_its_own_cards(place: Platform, centre: Centre, handed_off: list[Dossier]) -> None:
    centre.say("content", content(handed_off), **centre.batch())
    centre.say("production", production(handed_off), **centre.batch())
    centre.say("shipment", shipment(handed_off[:1]))
    take(place)
    deliver(place, "others", delivery(handed_off[:1], "delivered"), office="79")
    deliver(
        place,
        "odd",
        [{**delivery(handed_off[:1], "eaten")[0]}, {**delivery(handed_off[:1], "delivered")[0], "happened_at": "soon"}],
    )
    take_delivery_files(place, date=NIGHT)
    assert parked(place) == ["no_time", "other_office", "unknown_event"]
    assert states(place) == {"produced": 5, "shipped": 1}


def test_what_is_no_table_is_refused(place: Platform) -> None:
    place.objects.put_bytes(f"inbox/deliveries/{STATION}/empty.csv", b"")
    place.objects.put_bytes(f"inbox/deliveries/{STATION}/letter.docx", b"Dear register")
    counts = take_delivery_files(place, date=NIGHT)
    assert counts["refused"] == 2
    assert {state for state, _ in messages(place)} == {"refused"}


def test_counts_and_hash_totals_close_on_both_sides(place: Platform, centre: Centre, handed_off: list[Dossier]) -> None:
    centre.say("content", content(handed_off[:4]), **centre.batch())
    take(place)
    owed = reconcile_cards(place, date=NIGHT)
    [totals] = owed["totals"]
    [batch] = owed["batches"]
    assert (totals["answered"], totals["outstanding"], totals["closes"]) == (4, 2, True)
    assert (batch["unanswered"], batch["in_production"], batch["received"]) == (2, 4, False)
    assert int(totals["hash_total"]) == (int(totals["answered_total"]) + int(totals["outstanding_total"])) % 2**64
    assert totals["answered_total"] == hash_total(pa.chunked_array([[one.dossier_id for one in handed_off[:4]]]))


def test_what_is_owed_too_long_is_overdue(place: Platform, centre: Centre, handed_off: list[Dossier]) -> None:
    centre.say("content", content(handed_off[:4]), **centre.batch())
    centre.say("production", production(handed_off[:1]), **centre.batch(), sequence=4)
    take(place)
    assert [row["missing"] for row in reconcile_cards(place, date=NIGHT)["gaps"]] == [2]
    long_after = dt.date.today() + dt.timedelta(days=60)  # noqa: DTZ011 - hand-off and publication are of now
    overdue = {row["term"]: row["overdue"] for row in reconcile_cards(place, date=long_after)["overdue"]}
    assert overdue == {"answer": 2, "production": 3, "receipt": 1, "shipment": 1}


def test_what_nobody_corrects_is_given_up(place: Platform, centre: Centre, handed_off: list[Dossier]) -> None:
    centre.say("content", content(handed_off[:2], "rejected", reason="photo_unusable"), **centre.batch())
    take(place)
    today = dt.date.today()  # noqa: DTZ011 - they went back just now
    reconcile_cards(place, date=today + dt.timedelta(days=180))
    assert states(place)["returned"] == 2
    reconcile_cards(place, date=today + dt.timedelta(days=182))
    assert states(place) == {"handed_off": 4, "purged": 2}


def test_whoever_does_not_sign_is_not_heard(
    place: Platform, centre: Centre, handed_off: list[Dossier], tmp_path: Path
) -> None:
    said = centre.answer("content", content(handed_off), **centre.batch())
    place.objects.put_bytes(f"inbox/acks/{CENTRE}/unsigned.jsonl", said)
    assert take(place) == {"unsigned": 1}
    place.objects.delete(f"inbox/acks/{CENTRE}/unsigned.jsonl")
    forger = KeyFolder(tmp_path / "forger")
    forger.make(CENTRE, SIGNING, day=NIGHT)
    centre.put(said, "forged", signature=sign(said, forger.signer(CENTRE, day=NIGHT)))
    centre.put(said.replace(b"accepted", b"rejected"), "flipped", signature=sign(said, centre.signer))
    centre.put(said[:-40], "cut", signature=sign(said[:-40], centre.signer))
    assert take(place) == {"refused": 3}
    assert sorted(reason or "" for _, reason in messages(place)) == ["bad_count", "bad_signature", "unknown_key"]
    assert states(place) == {"handed_off": 6}


def test_answers_that_fit_no_batch(place: Platform, centre: Centre, handed_off: list[Dossier]) -> None:
    centre.say("content", content(handed_off), batch=7, manifest_sha256="0" * 64)
    centre.say("content", content(handed_off), batch=1, manifest_sha256="0" * 64)
    centre.say("receipt", **centre.batch(), result="ok")
    another = centre.answer("receipt", **centre.batch(), result="damaged", reason="sealed_differs", sequence=3)
    centre.put(another, "another")
    take(place)
    assert messages(place) == [
        ("parked", "unknown_batch"), ("refused", "wrong_manifest"), ("taken", None), ("refused", "sequence_taken")
    ]  # fmt: skip
    assert states(place) == {"handed_off": 6}


@pytest.mark.parametrize("seed", range(3))
def test_any_order_and_any_doubling_ends_the_same(
    place: Platform, centre: Centre, handed_off: list[Dossier], seed: int
) -> None:
    answers = [
        centre.answer("content", content(handed_off), **centre.batch()),
        centre.answer("production", production(handed_off[:2], "failed", day=2), **centre.batch()),
        centre.answer("production", production(handed_off, day=3), **centre.batch()),
        centre.answer("shipment", shipment(handed_off)),
    ]
    chance = random.Random(seed)
    chance.shuffle(answers)
    for number, (said, _) in enumerate(itertools.product(answers, range(2))):
        centre.put(said, f"{chance.random()}-{number}")
        if chance.random() < 0.5:
            take(place)
    take(place)
    assert states(place) == {"shipped": 6}
    assert parked(place) == []
