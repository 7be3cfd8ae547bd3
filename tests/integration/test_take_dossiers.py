"""Dossiers through the real steps: landed beside registers, held against the store, taken or given back."""

import csv
import datetime as dt
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, text

from registry.cards.dossiers import DOSSIER_COLUMNS
from registry.extracts import write_links
from registry.objects import put_folder
from samples.generate import generate
from samples.photos import photo
from tasks.give_back import give_back
from tasks.merge import merge
from tasks.night import begin_night, end_night
from tasks.platform import Platform
from tasks.read import read
from tasks.receive import receive
from tasks.resolve import resolve
from tasks.standardise import standardise
from tasks.take_dossiers import split_dossiers, take_dossiers
from tasks.validate import validate
from tasks.verify import examine
from tests.integration.dossiers import dossier, land_dossiers, put_photos, sha256
from tests.integration.real_store import installation
from tests.integration.registers import SENDER, as_csv, ask, land, man

FIRST, SECOND, THIRD = (dt.date(2021, 6, 30) + dt.timedelta(days) for days in range(3))


@pytest.fixture
def place(postgres_server: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with installation(postgres_server, tmp_path_factory.mktemp("home"), name="dossiers") as place:
        yield place


def work(date: dt.date) -> dict[str, int]:
    """The stages of a night up to what is handed off; rows of dossiers by outcome."""
    run_id = begin_night.fn(date)
    load_ids = receive.fn(date, [], None)
    to_merge, of_dossiers = split_dossiers(load_ids)
    for load_id in to_merge:
        for stage in (read, standardise, validate, resolve, merge):
            stage.fn(load_id)
    outcomes: dict[str, int] = {}
    for load_id in of_dossiers:
        read.fn(load_id)
        standardise.fn(load_id)
        for outcome, count in take_dossiers.fn(load_id).items():
            outcomes[outcome] = outcomes.get(outcome, 0) + count
    give_back.fn(date)
    end_night.fn(run_id, date, load_ids, outcomes, {"batches": 0, "cards": 0})
    return {outcome: count for outcome, count in outcomes.items() if count}


def rules(place: Platform) -> dict[str, str | None]:
    """Number of each dossier → the critical rules that it failed, of the last file that has it."""
    rows = ask(
        place,
        "SELECT form_no, r.rules FROM received_row AS r JOIN file USING (file_id)"
        " WHERE key LIKE 'landing/dossiers/%' ORDER BY file_id, row_no",
    )
    mild = {"DOSS-PERMANENT-ADDRESS-DIFFERS", "DOSS-REASON-NOT-FIRST"}
    return {number: ";".join(rule for rule in (found or "").split(";") if rule not in mild) for number, found in rows}


def cards(place: Platform) -> list[tuple[object, ...]]:
    return ask(
        place, "SELECT number, c.state, c.attempt FROM dossier JOIN card AS c USING (dossier_id) ORDER BY number"
    )


def put_state(place: Platform, event: str, when: str) -> None:
    """What a centre would have said since."""
    with place.engine.begin() as store:
        store.execute(text("UPDATE card SET state = :event, since = :when"), {"event": event, "when": when})


def test_a_dossier_whose_form_comes_the_same_night_is_taken(place: Platform) -> None:
    land(place, "register.csv", as_csv([man("1")]))
    land_dossiers(place, "june.jsonl", [dossier("D-1")])
    place.objects.put_bytes(f"landing/biometrics/{SENDER}/D-1.jpg", photo("D-1"))
    assert work(FIRST) == {"matched": 1}
    assert cards(place) == [("D-1", "captured", 1)]
    [taken] = ask(
        place,
        "SELECT d.station, d.captured_at, d.mode, d.applicant, d.reason, d.place, d.photo_sha256, d.attempt,"
        " d.person_id = p.person_id, e.event, e.happened_at = d.captured_at"
        " FROM dossier AS d CROSS JOIN person AS p JOIN card_event AS e USING (dossier_id)",
    )
    captured = dt.datetime(2021, 6, 20, 1, 15, tzinfo=dt.UTC)
    assert taken == (
        SENDER,
        captured,
        "station",
        "permanent",
        "first",
        SENDER,
        sha256("D-1"),
        1,
        True,
        "captured",
        True,
    )
    assert place.objects.exists(f"biometrics/{SENDER}/D-1.jpg")
    assert not list(place.objects.list("landing/"))
    assert [str(breach) for breach in examine(place).breaches] == []


def test_the_same_dossier_again_is_a_duplicate_whatever_has_become_of_its_photo_and_person(place: Platform) -> None:
    land(place, "register.csv", as_csv([man("1")]))
    put_photos(place, "D-1")
    land_dossiers(place, "june.jsonl", [dossier("D-1")])
    work(FIRST)
    place.objects.delete(f"biometrics/{SENDER}/D-1.jpg")
    land(place, "death.csv", as_csv([man("2", death_date="25/06/2021", declared_on="26/06/2021")]))
    land_dossiers(place, "again.jsonl", [dossier("D-1"), dossier("D-1")])
    assert work(SECOND) == {"duplicate": 2}
    assert [state for _, state, _ in cards(place)] == ["captured"]
    assert [str(breach) for breach in examine(place).breaches] == []


def test_a_changed_dossier_waits_until_its_card_is_returned_or_rejected(place: Platform) -> None:
    land(place, "register.csv", as_csv([man("1")]))
    put_photos(place, "D-1", "D-1b")
    land_dossiers(place, "june.jsonl", [dossier("D-1")])
    work(FIRST)
    changed = dossier("D-1", photo=f"biometrics/{SENDER}/D-1b.jpg", photo_sha256=sha256("D-1b"))
    land_dossiers(place, "changed.jsonl", [changed])
    assert work(SECOND) == {"quarantined": 1}
    assert rules(place) == {"D-1": "DOSS-CHANGED"}
    put_state(place, "rejected", "2021-06-25T00:00:00Z")
    land_dossiers(place, "changed-again.jsonl", [{**changed, "captured_at": "2021-06-28T08:00:00+07:00"}])
    assert work(THIRD) == {"matched": 1}
    assert ask(place, "SELECT attempt, photo_sha256 FROM dossier") == [(2, sha256("D-1b"))]
    events = ask(place, "SELECT attempt, event FROM card_event ORDER BY 1")
    assert events == [(1, "captured"), (2, "captured")]


def test_a_person_is_found_by_number_by_form_or_by_old_card_name_and_birth_date(place: Platform) -> None:
    forms = [
        man("1"),
        man("2", pid="075070000002", full_name="LÝ VĂN HAI", birth_date="02/02/1970", cmnd_no=""),
        man("3", pid="075071000003", full_name="LÝ VĂN BA", birth_date="03/03/1971", cmnd_no="270000003"),
        man("4", pid="075171000004", full_name="LÝ THỊ TƯ", birth_date="03/03/1971", cmnd_no="270000003", sex="Nữ"),
    ]
    land(place, "register.csv", as_csv(forms))
    put_photos(place, "D-1", "D-2", "D-3", "D-4", "D-5")
    named = {"pid": None, "permanent_address": None}
    rows = [
        dossier("D-1"),
        dossier("D-2", **named, form_sender=SENDER, form_no="2", full_name="Lý Văn Hai", birth_date="2/2/1970"),
        dossier("D-3", **named, cmnd_no="270000003", full_name="Lý Văn Ba", birth_date="3/3/1971"),
        dossier("D-4", **named, cmnd_no="270000003", full_name="Lý Văn Khác", birth_date="3/3/1971"),
        dossier("D-5", **named, full_name="Lý Văn Ba"),
    ]
    land_dossiers(place, "june.jsonl", rows)
    assert work(FIRST) == {"matched": 3, "quarantined": 2}
    assert rules(place)["D-4"] == "DOSS-PERSON-UNKNOWN"
    assert rules(place)["D-5"] == "DOSS-IDENTITY;DOSS-PERSON-UNKNOWN"
    found = ask(place, "SELECT number, full_name FROM dossier JOIN person USING (person_id) ORDER BY number")
    assert found == [("D-1", "LÝ VĂN THỬ"), ("D-2", "LÝ VĂN HAI"), ("D-3", "LÝ VĂN BA")]


def test_what_the_store_and_the_objects_say_otherwise_goes_back_to_the_station(place: Platform) -> None:
    forms = [
        man("1"),
        man("2", pid="075070000002", full_name="LÝ VĂN HAI", birth_date="02/02/1970", death_date="01/05/2021"),
        man("3", pid="", full_name="LÝ VĂN BA", birth_date="03/03/1971"),
        man("4", pid="075210000004", full_name="LÝ VĂN TƯ", birth_date="04/04/2010"),
    ]
    land(place, "register.csv", as_csv(forms))
    put_photos(place, "D-2", "D-4", "D-6", "D-7", "D-8", "D-9", "D-10")
    place.objects.put_bytes(f"biometrics/{SENDER}/D-7.jpg", b"no picture")
    rows = [
        dossier("D-1", captured_at="2021-06-19T08:00:00+07:00"),  # no photo there
        dossier("D-2", pid="075070000002", full_name="Lý Văn Hai", birth_date="2/2/1970"),
        dossier("D-3", pid="099070000009"),
        dossier("D-4", pid="075210000004", full_name="Lý Văn Tư", birth_date="4/4/2010"),
        dossier("D-5", photo="elsewhere/D-5.jpg"),
        dossier("D-6", photo_sha256="ab" * 32),
        dossier("D-7"),
        dossier("D-8", full_name="Lý Văn Khác", birth_date="06/12/1962", sex="Nữ", permanent_place="26068"),
        dossier("D-9", captured_at="2021-07-05T08:00:00+07:00"),
        dossier("D-10", pid=None, form_sender=SENDER, form_no="3", full_name="Lý Văn Ba", birth_date="3/3/1971"),
    ]
    land_dossiers(place, "june.jsonl", rows[:5])
    land_dossiers(place, "july.jsonl", rows[5:])
    assert work(FIRST) == {"quarantined": 10}
    again = "DOSS-CAPTURED-AGAIN;"
    assert rules(place) == {
        "D-1": "DOSS-PHOTO-NOT-THERE",
        "D-2": "DOSS-PERSON-DEAD",
        "D-3": "DOSS-PERSON-UNKNOWN;DOSS-PHOTO-NOT-THERE",
        "D-4": "DOSS-AGE-UNDER-14;DOSS-REPRESENTATIVE-MISSING",
        "D-5": f"{again}DOSS-PHOTO-KEY",
        "D-6": f"{again}DOSS-PHOTO-HASH-DIFFERS",
        "D-7": f"{again}DOSS-PHOTO-FORMAT;DOSS-PHOTO-HASH-DIFFERS",
        "D-8": f"DOSS-BIRTH-DATE-DIFFERS;{again}DOSS-NAME-DIFFERS;DOSS-PERMANENT-PLACE-DIFFERS;DOSS-SEX-DIFFERS",
        "D-9": f"{again}DOSS-CAPTURED-FUTURE",
        "D-10": "DOSS-PERSON-NO-PID",
    }
    content = place.objects.read_bytes(f"returns/{SENDER}/{FIRST}-dossiers.xlsx")
    header, *lines = load_workbook(BytesIO(content)).worksheets[0].iter_rows(values_only=True)
    assert [name for name in header if not str(name).startswith("dancu_")] == list(DOSSIER_COLUMNS)
    assert len(lines) == 10
    assert {line[header.index("dossier_no")] for line in lines} == {row["dossier_no"] for row in rows}
    assert [str(breach) for breach in examine(place).breaches] == []


def test_a_person_with_a_live_dossier_gets_no_second_one_until_it_has_ended(place: Platform) -> None:
    land(place, "register.csv", as_csv([man("1")]))
    put_photos(place, "D-1", "D-2")
    land_dossiers(place, "june.jsonl", [dossier("D-1")])
    work(FIRST)
    land_dossiers(place, "second.jsonl", [dossier("D-2")])
    assert work(SECOND) == {"quarantined": 1}
    assert rules(place)["D-2"] == "DOSS-OTHER-LIVE"
    put_state(place, "delivered", "2021-06-25T00:00:00Z")
    land_dossiers(place, "third.jsonl", [dossier("D-2", reason="lost")])
    assert work(THIRD) == {"matched": 1}


def test_landed_photos_never_take_the_place_of_others(place: Platform) -> None:
    put_photos(place, "D-1", "D-2")
    for number, content in (("D-1", photo("another")), ("D-2", photo("D-2")), ("D-3", photo("D-3"))):
        place.objects.put_bytes(f"landing/biometrics/{SENDER}/{number}.jpg", content)
    receive.fn(FIRST, [], None)
    assert [info.key for info in place.objects.list("landing/")] == [f"landing/biometrics/{SENDER}/D-1.jpg"]
    kept = {number: place.objects.read_bytes(f"biometrics/{SENDER}/{number}.jpg") for number in ("D-1", "D-2", "D-3")}
    assert kept == {number: photo(number) for number in kept}


def test_made_up_dossiers_end_as_their_truth_says(place: Platform, tmp_path: Path) -> None:
    made = generate(tmp_path, forms=2_000, seed=6, date=FIRST, dossier_share=0.3)
    put_folder(tmp_path, place.objects)
    outcomes = work(FIRST)
    assert sum(outcomes.values()) == made.dossiers > 200
    with (tmp_path / "dossier_truth.csv").open(encoding="utf-8", newline="") as lines:
        truth = {row["dossier_no"]: row for row in csv.DictReader(lines)}
    ends = dict(ask(place, "SELECT form_no, outcome::text FROM received_row JOIN file USING (file_id)"
                           " WHERE key LIKE 'landing/dossiers/%'"))  # fmt: skip
    assert ends.keys() == truth.keys()
    slips = {number for number, row in truth.items() if row["slip"]}
    assert {number for number in slips if ends[number] != "quarantined"} == set()
    found = rules(place)
    expected = {"wrong_hash": "DOSS-PHOTO-HASH-DIFFERS", "photo_missing": "DOSS-PHOTO-NOT-THERE",
                "name_differs": "DOSS-NAME-DIFFERS", "second_dossier": "DOSS-CAPTURED-AGAIN"}  # fmt: skip
    assert {truth[number]["slip"] for number in slips} == expected.keys()
    assert all(found[number] == expected[truth[number]["slip"]] for number in slips)
    # Somebody else's slip may bring a person into review.
    surely = [number for number, row in truth.items() if row["outcome"] == "accepted"]
    wrong = {number: found[number] for number in surely if ends[number] != "matched"}
    assert set(wrong.values()) <= {"DOSS-PERSON-IN-REVIEW"}
    assert len(wrong) < 0.02 * len(surely)
    assert write_links(place.engine, tmp_path / "links.csv") == made.dossiers + 2_000
    with (tmp_path / "links.csv").open(encoding="utf-8", newline="") as lines:
        links = {row["form_no"]: row["person_id"] for row in csv.DictReader(lines)}
    assert all((links[number] != "") == (ends[number] == "matched") for number in truth)
    assert [str(breach) for breach in examine(place).breaches] == []
