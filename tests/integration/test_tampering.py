"""Files of the exchange that were flipped, cut off, swapped or replayed: refused with the right reason, and noted.

Nothing that was opened stays on a disk, and when the right bytes are there again, everything goes on.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from config.centre import CENTRE
from registry.database import close_database
from registry.sealing.key_folder import KeyFolder
from registry.sealing.keys import SIGNING, read_key
from registry.sealing.manifest import CARDS, MANIFEST, SIGNATURE, batch_folder
from registry.sealing.signatures import SUFFIX, sign
from tasks.hand_off import resend
from tests.integration.a_night import platform_of
from tests.integration.card_store import states
from tests.integration.exchange import Exchange
from tests.integration.outbox import TODAY, flipped


@pytest.fixture
def exchange(store: Engine, tmp_path: Path) -> Iterator[Exchange]:
    place = platform_of(store, tmp_path / "home")
    yield Exchange.at(place, tmp_path / "centre")
    close_database(place.engine)


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


# -- what the register gets ----------------------------------------------------------------------------


def answers_of(exchange: Exchange) -> dict[str, str]:
    """Kind and batch of each answer that lies in the inbox → its key."""
    found = {}
    for key, content in exchange.inbox().items():
        if not key.endswith(SUFFIX):
            batch = re.search(rb'"batch": (\d+|null)', content)
            assert batch
            found[f"{key.rsplit('-', 1)[1].removesuffix('.jsonl')} {batch[1].decode()}"] = key
    return found


def test_an_answer_that_was_tampered_with_is_not_heard(exchange: Exchange, tmp_path: Path) -> None:
    for _ in range(2):
        exchange.batch()
    exchange.centre()
    real = exchange.inbox()
    keys = answers_of(exchange)
    content, other, receipt = (keys[name] for name in ("content 1", "content 2", "receipt 1"))
    exchange.clear(*real)
    southern, forger = KeyFolder(tmp_path / "southern"), KeyFolder(tmp_path / "forger")
    exchange.place.keys.add(southern.make("southern", SIGNING, day=TODAY), day=TODAY)
    forger.make(CENTRE, SIGNING, day=TODAY)
    body, signed = real[content], real[content + SUFFIX]
    folder, foreign = f"inbox/acks/{CENTRE}/", "inbox/acks/southern/"
    cases = {
        f"{folder}flipped.jsonl": (flipped(body), signed, "bad_signature"),
        f"{folder}cut.jsonl": (cut(body), signed, "bad_signature"),
        f"{folder}empty.jsonl": (b"", signed, "bad_signature"),
        f"{folder}longer.jsonl": (body + b'{"dossier": 1}\n', signed, "bad_signature"),
        f"{folder}signature-cut.jsonl": (body, cut(signed), "unreadable_signature"),
        f"{folder}signature-of-another.jsonl": (body, real[other + SUFFIX], "bad_signature"),
        f"{folder}forged.jsonl": (body, sign(body, forger.signer(CENTRE, day=TODAY)), "unknown_key"),
        f"{folder}another-centre.jsonl": (body, sign(body, southern.signer("southern", day=TODAY)), "unknown_key"),
        f"{foreign}replayed.jsonl": (body, signed, "unknown_key"),
        f"{foreign}signed-anew.jsonl": (body, sign(body, southern.signer("southern", day=TODAY)), "wrong_centre"),
        f"{folder}{'0' * 6}.jsonl": (real[receipt], signed, "bad_signature"),
    }
    for key, (said, signature, _) in cases.items():
        exchange.put({key: said, f"{key}{SUFFIX}": signature})
    before = exchange.events()
    assert exchange.take() == {"refused": len(cases)}
    noted = {key: (state, reason, events) for key, state, reason, events in exchange.messages() if "acks" in key}
    assert noted == {key: ("refused", reason, 0) for key, (_, _, reason) in cases.items()}
    assert exchange.events() == before
    assert states(exchange.place) == {"handed_off": 4}
    assert exchange.inbox() == {}
    exchange.put(real)
    exchange.night()
    assert states(exchange.place) == {"delivered": 4}


def test_what_the_centre_signed_for_one_batch_does_not_count_for_another(exchange: Exchange) -> None:
    """Its own key, the other batch's name or manifest: its mistake, or somebody has its key."""
    for _ in range(2):
        exchange.batch()
    exchange.centre()
    real = exchange.inbox()
    content = real[answers_of(exchange)["content 1"]]
    other = real[answers_of(exchange)["content 2"]]
    exchange.night()
    before = exchange.events()
    signer = exchange.house.keys.signer(CENTRE, day=TODAY)
    mine, theirs = (re.findall(rb'"manifest_sha256": "(\w+)"', said)[0] for said in (content, other))
    numbered = [re.sub(rb'"sequence": \d+', b'"sequence": %d' % number, content) for number in range(50, 54)]
    swapped = {
        "other-batch": numbered[0].replace(b'"batch": 1', b'"batch": 2'),
        "other-manifest": numbered[1].replace(mine, theirs),
        "both": numbered[2].replace(mine, theirs).replace(b'"batch": 1', b'"batch": 2'),
        "another-sequence": numbered[3],
        "same-sequence": re.sub(rb'"made_at": "[^"]+"', b'"made_at": "2021-07-02T00:00:00Z"', content),
        "same-bytes": content,
    }
    for name, said in swapped.items():
        key = f"inbox/acks/{CENTRE}/{name}.jsonl"
        exchange.put({key: said, f"{key}{SUFFIX}": sign(said, signer)})
    seen = len(exchange.messages())
    taken = exchange.take()
    noted = {
        key.rpartition("/")[2].removesuffix(".jsonl"): (state, reason)
        for key, state, reason, _ in exchange.messages()[seen:]
    }
    assert noted == {
        "other-batch": ("refused", "wrong_manifest"), "other-manifest": ("refused", "wrong_manifest"),
        "both": ("taken", None), "another-sequence": ("taken", None), "same-sequence": ("refused", "sequence_taken"),
        "same-bytes": ("repeat", None),
    }  # fmt: skip
    assert taken["parked_lines"] == 2
    assert exchange.events() == before


# -- what the centre gets ------------------------------------------------------------------------------

#: How a batch of three files is tampered with → why the centre does not take it. `other` is the batch before.
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "sealed file flipped": ({CARDS: flipped}, "sealed_differs"),
    "sealed file cut": ({CARDS: cut}, "sealed_differs"),
    "sealed file of another batch": ({CARDS: "other"}, "sealed_differs"),
    "sealed file gone": ({CARDS: "gone"}, "sealed_differs"),
    "manifest flipped": ({MANIFEST: flipped}, "bad_signature"),
    "manifest cut": ({MANIFEST: cut}, "bad_signature"),
    "manifest of another batch": ({MANIFEST: "other"}, "bad_signature"),
    "signature flipped": ({SIGNATURE: flipped}, "bad_signature"),
    "signature cut": ({SIGNATURE: cut}, "unreadable_signature"),
    "signature of another batch": ({SIGNATURE: "other"}, "bad_signature"),
    "signature gone": ({SIGNATURE: "gone"}, "unsigned"),
    "another batch replayed": ({CARDS: "other", MANIFEST: "other", SIGNATURE: "other"}, "wrong_sequence"),
}


def test_a_batch_that_was_tampered_with_is_damaged_and_put_there_again(exchange: Exchange) -> None:
    exchange.batch()
    exchange.centre()
    exchange.night()
    for number, (name, (changes, reason)) in enumerate(CASES.items(), 2):
        assert exchange.batch() == number
        whole = exchange.outbox(number)
        tamper(exchange, number, changes)
        done = exchange.centre()
        assert (done["batches"], done["damaged"]) == (0, 1), name
        (receipt,) = answers_of(exchange).values()
        assert f'"result": "damaged", "reason": "{reason}"'.encode() in exchange.inbox()[receipt], name
        assert exchange.plain_files() == [], name
        assert exchange.night() == {"taken": 1}, name
        assert exchange.outbox(number) == whole, name
        assert exchange.centre()["batches"] == 1, name
        exchange.night()
        assert states(exchange.place) == {"delivered": 2 * number}, name
        assert exchange.plain_files() == [], name


def tamper(exchange: Exchange, batch: int, changes: dict[str, Any]) -> None:
    for name, how in changes.items():
        key = f"{batch_folder(CENTRE, batch)}/{name}"
        if how == "gone":
            exchange.clear(key)
        elif callable(how):
            exchange.put({key: how(exchange.place.objects.read_bytes(key))})
        else:
            exchange.put({key: exchange.place.objects.read_bytes(f"{batch_folder(CENTRE, batch - 1)}/{name}")})


def test_a_batch_that_is_gone_holds_up_those_after_it_until_it_is_there_again(exchange: Exchange) -> None:
    for _ in range(3):
        exchange.batch()
    whole = exchange.outbox()
    exchange.clear(*exchange.outbox(1), f"{batch_folder(CENTRE, 2)}/{MANIFEST}")
    assert exchange.centre()["damaged"] == 1
    exchange.night()
    assert exchange.outbox() == whole
    assert exchange.centre()["batches"] == 3
    exchange.night()
    assert states(exchange.place) == {"delivered": 6}


def test_a_centre_that_lost_a_batch_gets_the_same_bytes_again(exchange: Exchange) -> None:
    exchange.batch()
    whole = exchange.outbox()
    exchange.clear(*whole)
    assert exchange.centre()["batches"] == 0
    resend(exchange.place, 1)
    assert exchange.outbox() == whole
    assert exchange.centre()["batches"] == 1


def test_a_batch_that_was_replayed_as_the_next_one_is_no_batch_of_the_register_s(exchange: Exchange) -> None:
    exchange.batch()
    exchange.centre()
    exchange.night()
    first = exchange.outbox(1)
    exchange.put({key.replace("/000001/", "/000002/"): content for key, content in first.items()})
    assert exchange.centre()["damaged"] == 1
    assert exchange.night() == {"parked": 1}
    assert exchange.messages()[-1][1:] == ("parked", "unknown_batch", 0)
    assert exchange.batch() == 2
    assert exchange.centre()["batches"] == 1


def test_what_a_retired_key_signs_is_not_heard(exchange: Exchange) -> None:
    exchange.batch()
    old = exchange.house.keys.signer(CENTRE, day=TODAY).key_id
    exchange.centre()
    late = exchange.inbox()
    exchange.clear(*late)
    new = exchange.house.keys.make(CENTRE, SIGNING, day=TODAY)
    exchange.place.keys.add(
        read_key((exchange.house.keys.path / "public" / f"{new.key_id}.json").read_bytes()), day=TODAY
    )
    exchange.place.keys.retire(old, day=TODAY)
    exchange.put(late)
    assert exchange.take() == {"refused": 5}
    assert {reason for _, _, reason, _ in exchange.messages()[:5]} == {"retired_key"}
    assert states(exchange.place) == {"handed_off": 2}
