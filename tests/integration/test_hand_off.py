"""Batches to the production centre: sealed, signed, each dossier once, and the same bytes when they are sent again."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import Engine, text

from config.centre import CENTRE
from dancu.card_orders import call_off
from registry.cards.holds import hold_persons, release
from registry.database import close_database
from registry.errors import PlatformError, UsageError
from registry.sealing.hash_totals import hash_total
from registry.sealing.keys import REGISTER, SEALING
from registry.sealing.manifest import Manifest, manifest_sha256, read_manifest
from registry.sealing.seal import unseal
from registry.sealing.signatures import verify
from tasks.hand_off import hand_off_cards, resend
from tasks.platform import Platform
from tasks.verify import examine
from tests.integration.a_night import platform_of
from tests.integration.card_store import NIGHT, STATION, add_dossiers, make_keys, states

TOMORROW = NIGHT + dt.timedelta(days=1)


@pytest.fixture
def keyless(store: Engine, tmp_path: Path) -> Iterator[Platform]:
    place = platform_of(store, tmp_path)
    yield place
    close_database(place.engine)


@pytest.fixture
def place(keyless: Platform) -> Platform:
    make_keys(keyless)
    return keyless


def outbox(place: Platform) -> dict[str, bytes]:
    return {info.key: place.objects.read_bytes(info.key) for info in place.objects.list("outbox")}


def manifest_of(place: Platform, sequence: int) -> Manifest:
    return read_manifest(place.objects.read_bytes(f"outbox/cards/{CENTRE}/{sequence:06d}/manifest.json"))


def opened(place: Platform, sequence: int, folder: Path) -> list[dict[str, object]]:
    """The lines of a batch as the centre reads them."""
    sealed, plain = folder / f"{sequence}.age", folder / f"{sequence}.jsonl"
    place.objects.fetch(f"outbox/cards/{CENTRE}/{sequence:06d}/cards.jsonl.age", sealed)
    identities = place.keys.identities(CENTRE, day=NIGHT)
    unseal(sealed, plain, identities, expect=manifest_of(place, sequence).files)
    return [json.loads(line) for line in plain.read_text(encoding="utf-8").splitlines()]


def test_the_centre_opens_what_was_handed_off(place: Platform, tmp_path: Path) -> None:
    dossiers = add_dossiers(place, 25)
    assert hand_off_cards(place, date=NIGHT) == {"batches": 1, "cards": 25, "waiting": 0}
    manifest = manifest_of(place, 1)
    content = place.objects.read_bytes(f"outbox/cards/{CENTRE}/000001/manifest.json")
    signature = place.objects.read_bytes(f"outbox/cards/{CENTRE}/000001/manifest.json.sig")
    verify(content, signature, place.keys.read(), owner=REGISTER, day=NIGHT)
    lines = opened(place, 1, tmp_path)
    assert [line["dossier"] for line in lines] == sorted(one.dossier_id for one in dossiers)
    assert manifest.count == 25
    assert manifest.hash_total == hash_total(pa.chunked_array([[line["dossier"] for line in lines]]))
    line = lines[0]
    assert line["layout"] == "2021"
    assert line["expires_on"] == "2024-05-17"
    assert line["printed"]["full_name"].startswith("NGUYỄN VĂN ")  # type: ignore[index]
    assert "Phường" in line["printed"]["residence"]  # type: ignore[index]
    assert [len(row) for row in line["mrz"]] == [30, 30, 30]  # type: ignore[attr-defined]
    assert line["photo"]["key"].startswith("biometrics/")  # type: ignore[index]
    assert line["iris"] is None
    assert states(place) == {"handed_off": 25}


def test_lines_that_come_in_many_blocks_are_one_batch(
    place: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.bulk._BLOCK", 2000)
    dossiers = add_dossiers(place, 50)
    hand_off_cards(place, date=NIGHT)
    assert [line["dossier"] for line in opened(place, 1, tmp_path)] == sorted(one.dossier_id for one in dossiers)
    assert states(place) == {"handed_off": 50}
    assert [str(breach) for breach in examine(place).breaches if breach.invariant in ("I3", "I4", "I6")] == []


@pytest.mark.parametrize("line", [0, -1], ids=["first", "last"])
def test_a_card_that_cannot_be_printed_stops_the_batch_and_nothing_is_left_of_it(
    place: Platform, line: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.bulk._BLOCK", 2000)
    one = sorted(add_dossiers(place, 50), key=lambda one: one.dossier_id)[line]
    with place.engine.begin() as store:
        store.execute(text("UPDATE person SET sex = 'X' WHERE person_id = :id"), {"id": one.person_id})
    with pytest.raises(PlatformError, match="cannot be printed"):
        hand_off_cards(place, date=NIGHT)
    assert states(place) == {"captured": 50}
    assert list((place.settings.scratch / "hand-off").iterdir()) == []
    with place.engine.begin() as store:
        store.execute(text("UPDATE person SET sex = 'F' WHERE person_id = :id"), {"id": one.person_id})
    assert hand_off_cards(place, date=NIGHT) == {"batches": 1, "cards": 50, "waiting": 0}


def test_nothing_is_asked_for_twice(place: Platform) -> None:
    add_dossiers(place, 5)
    hand_off_cards(place, date=NIGHT)
    before = outbox(place)
    assert hand_off_cards(place, date=NIGHT) == {"batches": 0, "cards": 0, "waiting": 0}
    assert outbox(place) == before


def test_batches_follow_each_other(place: Platform) -> None:
    add_dossiers(place, 3)
    hand_off_cards(place, date=NIGHT)
    add_dossiers(place, 4, first=3)
    hand_off_cards(place, date=TOMORROW)
    first = place.objects.read_bytes(f"outbox/cards/{CENTRE}/000001/manifest.json")
    second = manifest_of(place, 2)
    assert (second.sequence, second.count, second.previous) == (2, 4, manifest_sha256(first))


def test_a_resend_is_the_same_bytes(place: Platform) -> None:
    add_dossiers(place, 3)
    hand_off_cards(place, date=NIGHT)
    before = outbox(place)
    for key in before:
        place.objects.delete(key)
    resend(place, 1)
    assert outbox(place) == before


def test_without_a_key_to_seal_to_dossiers_wait(keyless: Platform) -> None:
    place = keyless
    add_dossiers(place, 3)
    assert hand_off_cards(place, date=NIGHT) == {"batches": 0, "cards": 0, "waiting": 3}
    make_keys(place)
    assert hand_off_cards(place, date=NIGHT)["cards"] == 3


def test_a_batch_that_was_decided_is_published_as_it_was(place: Platform) -> None:
    add_dossiers(place, 3)
    hand_off_cards(place, date=NIGHT)
    before = outbox(place)
    for key in before:
        place.objects.delete(key)
    with place.engine.begin() as store:
        store.execute(text("UPDATE card_batch SET published_at = NULL"))
    place.keys.make(CENTRE, SEALING, day=NIGHT)
    hand_off_cards(place, date=TOMORROW)
    assert outbox(place) == before


@pytest.mark.parametrize(
    "changed",
    ["death_date = '2021-02-01'", "pid = NULL", "birth_date = '1962'", "nationality = 'LA'", "in_review = true"],
)
def test_of_whom_a_card_cannot_be_made_waits(place: Platform, changed: str) -> None:
    add_dossiers(place, 2)
    with place.engine.begin() as store:
        store.execute(text(f"UPDATE person SET {changed} WHERE pid LIKE '%0'"))
    assert hand_off_cards(place, date=NIGHT) == {"batches": 1, "cards": 1, "waiting": 1}


def test_what_a_killed_run_sealed_and_never_decided_is_sealed_anew(place: Platform) -> None:
    add_dossiers(place, 2)
    place.objects.put_bytes(f"archive/cards/{'0' * 64}.age", b"half a li")
    hand_off_cards(place, date=NIGHT)
    assert [str(breach) for breach in examine(place).breaches if breach.invariant == "I3"] == []
    assert any("archive/cards/" in sentence for sentence in examine(place).notes)


def test_whoever_is_on_hold_waits(place: Platform) -> None:
    dead, doubtful, *_ = add_dossiers(place, 5)
    with place.engine.begin() as store:
        assert hold_persons(store, [dead.person_id], "death", date=NIGHT) == 1
        assert hold_persons(store, [dead.person_id], "death", date=NIGHT) == 0
        store.execute(text("UPDATE person SET in_review = true WHERE person_id = :id"), {"id": doubtful.person_id})
    assert hand_off_cards(place, date=NIGHT) == {"batches": 1, "cards": 3, "waiting": 2}
    with place.engine.begin() as store:
        store.execute(text("UPDATE person SET in_review = false"))
        assert release(store, dead.dossier_id, reason="it was another person", date=TOMORROW)
        assert not release(store, dead.dossier_id, reason="it was another person", date=TOMORROW)
    assert hand_off_cards(place, date=TOMORROW) == {"batches": 1, "cards": 2, "waiting": 0}
    assert states(place) == {"handed_off": 5}


def test_a_card_that_is_cancelled_is_not_asked_for(place: Platform) -> None:
    add_dossiers(place, 3)
    call_off(place, STATION, "D-1", reason="she has died", date=NIGHT)
    assert hand_off_cards(place, date=NIGHT) == {"batches": 1, "cards": 2, "waiting": 0}
    assert states(place) == {"cancelled": 1, "handed_off": 2}
    for number, sentence in (("D-1", "cancelled or given up already"), ("D-9", "no dossier of that number")):
        with pytest.raises(UsageError, match=sentence):
            call_off(place, STATION, number, reason="she has died", date=NIGHT)
