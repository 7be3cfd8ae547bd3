"""The test centre by the written protocol: it answers whole batches, proves them first, and behaves badly on demand."""

import dataclasses
import shutil
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from centre.faults import Faults
from centre.house import House, make_keys, trust
from centre.run import run_centre
from registry.objects import open_objects
from registry.objects_local import LocalObjects
from registry.sealing.keys import REGISTER, SEALING, SIGNING, read_key
from registry.sealing.manifest import CARDS, MANIFEST, SIGNATURE, batch_folder
from registry.sealing.reasons import Refused
from tests.integration.outbox import CENTRE, TODAY, Register, flipped, lines, parties_at
from tests.servers import BUCKET

COUNT = 200


@pytest.fixture
def parties(tmp_path: Path) -> tuple[Register, House]:
    return parties_at(tmp_path)


def run(house: House, *, deliver: float | None = None, **faults: Any) -> dict[str, Any]:
    return run_centre(house, faults=Faults(**faults), deliver=deliver)


def kinds(register: Register) -> list[str]:
    answers = register.answers().values()
    return [answer.header.kind for answer in sorted(answers, key=lambda answer: answer.header.sequence)]


def said(register: Register, kind: str) -> list[dict[str, Any]]:
    return [
        line
        for answer in register.answers().values()
        if answer.header.kind == kind
        for line in answer.lines.to_pylist()
    ]


def test_a_batch_is_answered_five_times_and_its_cards_are_delivered(parties: tuple[Register, House]) -> None:
    register, house = parties
    assert run(house)["batches"] == 0
    manifest = register.batch(lines(COUNT))
    done = run(house, deliver=1.0)
    assert (done["batches"], done["damaged"]) == (1, 0)
    assert kinds(register) == ["receipt", "syntax", "content", "production", "shipment"]
    content = register.answers()["000003-content"]
    assert (content.header.batch, content.header.hash_total) == (1, manifest.hash_total)
    assert {line["result"] for line in said(register, "content")} == {"accepted"}
    cards = {line["card_number"]: line["dossier"] for line in said(register, "production")}
    assert len(cards) == len(set(cards.values())) == COUNT
    shipped = {line["card_number"]: line["office"] for line in said(register, "shipment")}
    delivered = {row["card_number"]: row["office"] for row in register.deliveries() if row["event"] == "delivered"}
    assert delivered == shipped
    assert set(shipped) == set(cards)
    assert run(house, deliver=1.0) == {"run": 3, "batches": 0, "damaged": 0, "answers": {}, "deliveries": {}}


@pytest.mark.parametrize("server", ["s3_moto", "s3_rclone"])
def test_the_same_on_s3(tmp_path: Path, server: str, request: pytest.FixtureRequest) -> None:
    endpoint = request.getfixturevalue(server).endpoint_url
    objects = open_objects(f"s3://{BUCKET}/{uuid.uuid4().hex}", home=tmp_path, endpoint_url=endpoint)
    register, house = parties_at(tmp_path / "home", objects)
    register.batch(lines(COUNT))
    run(house, deliver=1.0)
    assert len(said(register, "shipment")) == COUNT
    assert Counter(row["event"] for row in register.deliveries()) == {"arrived": COUNT, "delivered": COUNT}


def test_nothing_that_was_opened_stays_with_the_centre(parties: tuple[Register, House]) -> None:
    register, house = parties
    register.batch(lines(COUNT))
    run(house)
    for path in house.home.rglob("*"):
        assert path.is_dir() or b"MAU<<THI" not in path.read_bytes(), path


def test_rejected_dossiers_have_reasons_and_are_produced_when_they_come_again(parties: tuple[Register, House]) -> None:
    register, house = parties
    register.batch(lines(COUNT))
    run(house, reject=0.3, seed=5)
    results = Counter(line["result"] for line in said(register, "content"))
    assert 30 <= results["rejected"] <= 90
    assert results.total() == COUNT
    assert all((line["result"] == "rejected") == bool(line["reason"]) for line in said(register, "content"))
    assert len(said(register, "production")) == results["accepted"]
    before = {line["card_number"] for line in said(register, "production")}
    again = {line["dossier"] for line in said(register, "content") if line["result"] == "rejected"}
    register.batch([line for line in lines(COUNT, attempt=2) if line["dossier"] in again])
    run(house)
    produced = {line["card_number"]: line for line in said(register, "production")}
    new = [line for number, line in produced.items() if number not in before]
    assert {line["dossier"] for line in new} == again
    assert {line["attempt"] for line in new} == {2}


def test_a_card_that_fails_quality_control_is_made_again_a_run_later(parties: tuple[Register, House]) -> None:
    register, house = parties
    register.batch(lines(COUNT))
    run(house, qc_fail=0.2)
    first = said(register, "production")
    failed = {line["dossier"] for line in first if line["qc"] == "failed"}
    assert 0 < len(failed) < COUNT
    assert failed.isdisjoint(line["dossier"] for line in said(register, "shipment"))
    run(house)
    later = [line for line in said(register, "production") if line not in first]
    assert {line["dossier"] for line in later} == failed
    assert {line["qc"] for line in later} == {"passed"}
    assert min(line["made_at"] for line in later) > max(line["made_at"] for line in first)
    assert len({line["card_number"] for line in said(register, "production")}) == COUNT + len(failed)
    assert len(said(register, "shipment")) == COUNT


def test_a_partial_answer_is_completed_a_run_later(parties: tuple[Register, House]) -> None:
    register, house = parties
    register.batch(lines(COUNT))
    run(house, partial=0.5)
    assert 0 < len(said(register, "content")) < COUNT
    run(house)
    assert sorted(line["dossier"] for line in said(register, "content")) == sorted(
        line["dossier"] for line in lines(COUNT)
    )
    assert len(said(register, "shipment")) == COUNT
    assert sorted(answer.header.sequence for answer in register.answers().values()) == list(range(1, 9))


def test_a_slow_centre_answers_some_runs_later_and_a_silent_one_not_at_all(parties: tuple[Register, House]) -> None:
    register, house = parties
    register.batch(lines(3))
    run(house, silent=True)
    run(house, slow=2)
    run(house)
    assert register.inbox() == {}
    run(house)
    assert len(kinds(register)) == 5


def test_answers_sent_twice_are_the_same_bytes(parties: tuple[Register, House]) -> None:
    register, house = parties
    register.batch(lines(3))
    run(house, double=True)
    answers = register.answers()
    assert len(answers) == 10
    for name, answer in answers.items():
        assert answers[name.removesuffix("-again")].sha256 == answer.sha256


def test_what_was_signed_wrongly_comes_again_rightly(parties: tuple[Register, House]) -> None:
    register, house = parties
    register.batch(lines(3))
    run(house, wrong_signature=True)
    before = register.inbox()
    with pytest.raises(Refused, match="not what"):
        register.answers()
    run(house)
    assert len(register.answers()) == 5
    after = register.inbox()
    assert {key for key in after if after[key] != before[key]} == {key for key in after if key.endswith(".sig")}


def test_lines_that_are_not_as_agreed_are_named_and_the_rest_goes_on(parties: tuple[Register, House]) -> None:
    register, house = parties
    dossiers = lines(6)
    for number, changes in enumerate(({"attempt": "1"}, {"station": None}, {"mrz": ["<"]}, {"layout": "1999"})):
        dossiers[number + 1] |= changes
    register.batch(dossiers)
    run(house)
    assert said(register, "syntax") == [
        {"line": 2, "error": "bad_attempt"},
        {"line": 3, "error": "bad_station"},
        {"line": 4, "error": "bad_mrz"},
        {"line": 5, "error": "bad_layout"},
    ]
    assert [line["dossier"] for line in said(register, "content")] == [dossiers[at]["dossier"] for at in (0, 5)]


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("centre", "southern", "wrong_centre"), ("sequence", 2, "bad_field"), ("previous", "0" * 64, "bad_field"),
        ("count", 4, "bad_count"), ("hash_total", "17", "bad_hash_total"), ("signed_by", "0" * 16, "bad_field"),
    ],
)  # fmt: skip
def test_a_batch_that_contradicts_its_manifest_is_damaged(
    parties: tuple[Register, House], field: str, value: Any, reason: str
) -> None:
    register, house = parties
    register.batch(lines(3), **{field: value})
    assert run(house)["damaged"] == 1
    (answer,) = register.answers().values()
    assert (answer.header.kind, answer.header.result, answer.header.reason) == ("receipt", "damaged", reason)


def test_a_manifest_without_end_is_damaged(parties: tuple[Register, House]) -> None:
    register, house = parties
    register.batch(lines(3), business_date=LongDay())
    assert run(house)["damaged"] == 1
    (answer,) = register.answers().values()
    assert answer.header.reason == "too_large"


class LongDay:
    """What stands in a manifest of more than 64 KiB."""

    def isoformat(self) -> str:
        return "2021-07-01" * 10_000


@pytest.mark.parametrize(
    ("name", "reason"), [(CARDS, "sealed_differs"), (MANIFEST, "bad_signature"), (SIGNATURE, "bad_signature")]
)
@pytest.mark.parametrize("how", ["flipped", "missing"])
def test_a_damaged_batch_is_answered_once_and_taken_when_it_is_sent_again(
    parties: tuple[Register, House], name: str, reason: str, how: str
) -> None:
    register, house = parties
    register.batch(lines(3))
    register.batch(lines(3, start=3))
    key = f"{batch_folder(CENTRE, 1)}/{name}"
    whole = register.objects.read_bytes(key)
    if how == "missing":
        register.objects.delete(key)
        reason = {SIGNATURE: "unsigned", MANIFEST: "gap", CARDS: "sealed_differs"}[name]
    else:
        register.objects.put_bytes(key, flipped(whole))
    for _ in range(2):
        assert run(house)["batches"] == 0
        (answer,) = register.answers().values()
        assert answer.header.result == "damaged"
        assert answer.header.reason in {reason, "unreadable_signature"}
    register.objects.put_bytes(key, whole)
    assert run(house)["batches"] == 2
    assert len(said(register, "content")) == 6


def test_a_batch_that_was_swapped_or_replayed_is_damaged(parties: tuple[Register, House]) -> None:
    register, house = parties
    register.batch(lines(3))
    run(house)
    for name in (CARDS, SIGNATURE, MANIFEST):
        content = register.objects.read_bytes(f"{batch_folder(CENTRE, 1)}/{name}")
        register.objects.put_bytes(f"{batch_folder(CENTRE, 2)}/{name}", content)
    run(house)
    assert register.answers()["000006-receipt"].header.reason == "wrong_sequence"
    register.objects.delete(f"{batch_folder(CENTRE, 2)}/{MANIFEST}")
    register.manifests[0] = b"another history"
    register.batch(lines(3, start=3))
    run(house)
    assert register.answers()["000007-receipt"].header.reason == "broken_chain"


def test_keys_are_rotated_on_both_sides_while_batches_are_on_their_way(parties: tuple[Register, House]) -> None:
    register, house = parties
    old = register.keys.read().active(REGISTER, SIGNING, TODAY)
    register.batch(lines(3))
    house.keys.make(CENTRE, SEALING, day=TODAY)
    house.keys.make(CENTRE, SIGNING, day=TODAY)
    new = register.keys.make(REGISTER, SIGNING, day=TODAY)
    register.batch(lines(3, start=3))
    assert run(house)["batches"] == 1
    assert register_trusting(register, house).answers()["000006-receipt"].header.reason == "unknown_key"
    trust(house, [register.keys.path / "public" / f"{new.key_id}.json"])
    assert run(house)["batches"] == 1
    for folder in (register.keys, house.keys):
        folder.retire(old.key_id, day=TODAY)
    register.batch(lines(3, start=6))
    assert run(house)["batches"] == 1
    assert len(said(register, "content")) == 9


def register_trusting(register: Register, house: House) -> Register:
    """The register, which has taken in the keys that the centre has made since."""
    for file in make_keys(house):
        register.keys.add(read_key(file.read_bytes()), day=TODAY)
    return register


def test_a_share_is_delivered_and_of_the_rest_some_cannot_be(parties: tuple[Register, House]) -> None:
    register, house = parties
    register.batch(lines(COUNT))
    run(house, deliver=0.5)
    events = Counter(row["event"] for row in register.deliveries())
    assert events["arrived"] == COUNT
    assert 60 < events["delivered"] < 140
    assert 5 < events["undeliverable"] < 60
    assert all(bool(row["reason"]) == (row["event"] == "undeliverable") for row in register.deliveries())
    run(house, deliver=1.0)
    final = Counter(row["event"] for row in register.deliveries())
    assert final["arrived"] == COUNT
    assert final["delivered"] + final["undeliverable"] == COUNT


class Broken(Exception):
    """The centre stops here, as if it were killed."""


@dataclasses.dataclass
class Breaking:
    """An object store that stops the centre at its n-th put, before or after it."""

    objects: Any
    left: int
    after: bool

    def __getattr__(self, name: str) -> Any:
        return getattr(self.objects, name)

    def put(self, key: str, path: Path) -> None:
        self._put(lambda: self.objects.put(key, path))

    def put_bytes(self, key: str, data: bytes) -> None:
        self._put(lambda: self.objects.put_bytes(key, data))

    def _put(self, put: Any) -> None:
        self.left -= 1
        if self.left <= 0 and not self.after:
            raise Broken
        put()
        if self.left <= 0:
            raise Broken


@pytest.mark.parametrize("after", [False, True])
def test_a_centre_that_is_stopped_at_any_put_ends_with_the_same_bytes(tmp_path: Path, after: bool) -> None:
    register, house = parties_at(tmp_path / "stopped")
    register.batch(lines(20))
    register.batch(lines(20, start=20))
    shutil.copytree(tmp_path / "stopped", tmp_path / "undisturbed")
    undisturbed = dataclasses.replace(
        house, home=tmp_path / "undisturbed" / "centre", objects=LocalObjects(tmp_path / "undisturbed" / "objects")
    )
    run(undisturbed, reject=0.2)
    stops = 0
    while True:
        breaking = Breaking(house.objects, 3, after)
        try:
            run(dataclasses.replace(house, objects=breaking), reject=0.2)  # type: ignore[arg-type]
        except Broken:
            stops += 1
        else:
            break
    assert stops > 3
    assert register.inbox() == {
        one.key: undisturbed.objects.read_bytes(one.key) for one in undisturbed.objects.list("inbox/")
    }
    assert sorted(answer.header.sequence for answer in register.answers().values()) == list(range(1, 11))
