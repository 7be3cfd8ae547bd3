"""Seals, signatures and manifests: whatever is flipped, cut or swapped is refused, and nothing opened is left."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.errors import PlatformError
from registry.sealing.keys import REGISTER
from registry.sealing.manifest import Manifest, manifest_sha256, read_manifest
from registry.sealing.reasons import Reason, Refused
from registry.sealing.seal import Digest, Sealed, digest_of, seal, unseal
from registry.sealing.signatures import open_bytes, sign, verify
from tests.unit.sealing_parts import CENTRE, DAY, PLAIN, Parties, manifest_of

damaging = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(scope="module")
def parties(tmp_path_factory: pytest.TempPathFactory) -> Parties:
    return Parties.at(tmp_path_factory.mktemp("parties"))


@pytest.fixture(scope="module")
def batch(parties: Parties, tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Sealed]:
    """One batch, sealed once: no two are the same bytes."""
    path = tmp_path_factory.mktemp("batch") / "sealed"
    sealed = parties.sealed(path)
    return path.read_bytes(), sealed


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in which only the files that were asked for may be left."""
    yield tmp_path
    assert {path.name for path in tmp_path.iterdir()} <= {"sealed", "opened"}


def damaged(content: bytes, data: st.DataObject) -> bytes:
    """The same with a bit flipped, cut short, or something behind it."""
    how = data.draw(st.sampled_from(["flip", "cut", "add"]))
    if how == "flip":
        at = data.draw(st.integers(0, len(content) - 1))
        return content[:at] + bytes([content[at] ^ (1 << data.draw(st.integers(0, 7)))]) + content[at + 1 :]
    if how == "cut":
        return content[: data.draw(st.integers(0, len(content) - 1))]
    return content + data.draw(st.binary(min_size=1, max_size=9))


@pytest.mark.parametrize("who", ["centre", "escrow"])
def test_each_recipient_opens_a_batch_alone(parties: Parties, folder: Path, who: str) -> None:
    sealed = parties.sealed(folder / "sealed")
    assert sealed == Sealed(Digest(sealed.plain.sha256, len(PLAIN)), digest_of(folder / "sealed"))
    unseal(folder / "sealed", folder / "opened", parties.identities()[who], expect=sealed)
    assert (folder / "opened").read_bytes() == PLAIN
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_nobody_else_opens_it(parties: Parties, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    sealed = parties.sealed(folder / "sealed")
    stranger = Parties.at(tmp_path_factory.mktemp("stranger")).identities()["centre"]
    with pytest.raises(Refused) as refused:
        unseal(folder / "sealed", folder / "opened", stranger, expect=sealed)
    assert refused.value.reason is Reason.CANNOT_OPEN


@damaging
@given(st.data())
def test_a_damaged_sealed_file_is_refused(
    parties: Parties, batch: tuple[bytes, Sealed], folder: Path, data: st.DataObject
) -> None:
    content, sealed = batch
    (folder / "sealed").write_bytes(damaged(content, data))
    with pytest.raises(Refused) as refused:
        unseal(folder / "sealed", folder / "opened", parties.identities()["centre"], expect=sealed)
    assert refused.value.reason is Reason.SEALED_DIFFERS
    assert not (folder / "opened").exists()


@damaging
@given(st.data())
def test_one_that_was_damaged_before_it_was_signed_leaves_nothing_opened(
    parties: Parties, batch: tuple[bytes, Sealed], folder: Path, data: st.DataObject
) -> None:
    content, sealed = batch
    (folder / "sealed").write_bytes(damaged(content, data))
    expect = Sealed(sealed.plain, digest_of(folder / "sealed"))
    with pytest.raises(Refused) as refused:
        unseal(folder / "sealed", folder / "opened", parties.identities()["centre"], expect=expect)
    assert refused.value.reason is Reason.CANNOT_OPEN
    assert not (folder / "opened").exists()


def test_another_batch_in_its_place_is_refused(parties: Parties, folder: Path) -> None:
    sealed = parties.sealed(folder / "sealed")
    other = parties.sealed(folder / "sealed", b"something else")
    for expect, reason in (
        (sealed, Reason.SEALED_DIFFERS),
        (Sealed(sealed.plain, other.sealed), Reason.PLAIN_DIFFERS),
    ):
        with pytest.raises(Refused) as refused:
            unseal(folder / "sealed", folder / "opened", parties.identities()["centre"], expect=expect)
        assert refused.value.reason is reason
        assert not (folder / "opened").exists()


class Failing(io.BytesIO):
    """A stream that breaks off after its first megabyte."""

    def __init__(self, error: Exception) -> None:
        super().__init__(b"x" * 3_000_000)
        self._error = error

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 1_000_000:
            raise self._error
        return super().read(size)


def test_what_the_source_raises_is_raised_and_no_file_is_there(parties: Parties, folder: Path) -> None:
    with pytest.raises(LookupError, match="the store is gone"):
        seal(Failing(LookupError("the store is gone")), folder / "sealed", parties.recipients)
    with pytest.raises(PlatformError, match="operator"):
        seal(Failing(OSError(28, "No space left on device")), folder / "sealed", parties.recipients)
    assert not (folder / "sealed").exists()


def test_what_a_killed_run_left_goes_with_the_next(parties: Parties, folder: Path) -> None:
    sealed = parties.sealed(folder / "sealed")
    (folder / ".opened.part").write_bytes(b"half of a batch")
    unseal(folder / "sealed", folder / "opened", parties.identities()["centre"], expect=sealed)


def test_the_same_bytes_and_key_make_the_same_signature(parties: Parties, tmp_path: Path) -> None:
    (tmp_path / "answer").write_bytes(PLAIN)
    assert sign(open_bytes(tmp_path / "answer"), parties.signer) == sign(PLAIN, parties.signer)
    assert verify(PLAIN, sign(PLAIN, parties.signer), parties.known, owner=CENTRE, day=DAY).owner == CENTRE


def test_signatures_tell_apart_what_is_wrong(parties: Parties, tmp_path: Path) -> None:
    stranger = Parties.at(tmp_path).signer
    signature = sign(PLAIN, parties.signer)
    found = {}
    for name, content, signed, owner in (
        ("none", PLAIN, None, CENTRE),
        ("empty", PLAIN, b"", CENTRE),
        ("short", PLAIN, signature.replace(b'"signature": "', b'"signature": "AA'), CENTRE),
        ("stranger", PLAIN, sign(PLAIN, stranger), CENTRE),
        ("not theirs", PLAIN, signature, REGISTER),
        ("other bytes", PLAIN + b"\n", signature, CENTRE),
    ):
        with pytest.raises(Refused) as refused:
            verify(content, signed, parties.known, owner=owner, day=DAY)
        found[name] = refused.value.reason.value
    assert found == {
        "none": "unsigned", "empty": "unreadable_signature", "short": "unreadable_signature",
        "stranger": "unknown_key", "not theirs": "unknown_key", "other bytes": "bad_signature",
    }  # fmt: skip


@damaging
@given(st.data())
def test_a_damaged_signature_or_file_is_refused(parties: Parties, data: st.DataObject) -> None:
    content, signature = PLAIN[:300], sign(PLAIN[:300], parties.signer)
    if data.draw(st.booleans()):
        content = damaged(content, data)
    else:
        changed = damaged(signature, data)
        if stated_by(changed) == stated_by(signature):  # white space around what is stated is none of its matter
            return
        signature = changed
    with pytest.raises(Refused) as refused:
        verify(content, signature, parties.known, owner=CENTRE, day=DAY)
    assert refused.value.reason in {
        Reason.BAD_SIGNATURE, Reason.UNREADABLE_SIGNATURE, Reason.UNKNOWN_KEY,
    }  # fmt: skip


def stated_by(signature: bytes) -> object:
    try:
        return json.loads(signature)
    except ValueError:
        return None


MANIFEST = manifest_of(Sealed(Digest("e" * 64, 9), Digest("f" * 64, 99)))


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert read_manifest(MANIFEST.to_bytes()) == MANIFEST
    following = manifest_of(MANIFEST.files, sequence=2, previous=manifest_sha256(MANIFEST.to_bytes()))
    assert read_manifest(following.to_bytes()) == following
    more = json.dumps({**json.loads(MANIFEST.to_bytes()), "a_later_field": 1}).encode()
    assert read_manifest(more) == MANIFEST


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("schema", "dancu.cards/1", "unknown_schema"), ("centre", None, "bad_field"), ("sequence", 0, "bad_field"),
        ("sequence", True, "bad_field"), ("sequence", 1.0, "bad_field"), ("previous", "0" * 64, "bad_field"),
        ("business_date", "1/7/2021", "bad_field"), ("count", -1, "bad_field"), ("hash_total", 17, "bad_field"),
        ("hash_total", str(2**64), "bad_field"), ("plain", {"sha256": "e" * 64}, "bad_field"),
        ("sealed", {"sha256": "E" * 64, "size": 9}, "bad_field"), ("recipients", [], "bad_field"),
        ("recipients", "a" * 16, "bad_field"), ("signed_by", "c", "bad_field"),
        ("made_at", "2021-07-01T02:00:00", "bad_field"), ("made_at", "2021-07-32T02:00:00Z", "bad_field"),
    ],
)  # fmt: skip
def test_a_manifest_that_is_not_as_agreed_is_refused(field: str, value: Any, reason: str) -> None:
    stated = json.loads(MANIFEST.to_bytes())
    for content, expected in (
        ({**stated, field: value}, reason),
        ({name: one for name, one in stated.items() if name != field},
         "unknown_schema" if field == "schema" else "missing_field"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            read_manifest(json.dumps(content).encode())
        assert refused.value.reason == expected


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not_json"), (b"[]", "not_json"), (b"\xff", "not_utf8"), (b"[" * 60_000, "not_json"),
        (b'{"schema": "dancu.cards/2", "schema": "dancu.cards/2"}', "not_json"),
        (b'{"schema": NaN}', "not_json"), (b" " * 70_000, "too_large"),
    ],
)  # fmt: skip
def test_what_is_no_manifest_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        read_manifest(content)
    assert refused.value.reason == reason


@damaging
@given(st.data())
def test_a_damaged_manifest_is_refused_or_its_signature_is(parties: Parties, data: st.DataObject) -> None:
    content = MANIFEST.to_bytes()
    signature = sign(content, parties.signer)
    changed = damaged(content, data)
    with pytest.raises(Refused):
        verify(changed, signature, parties.known, owner=CENTRE, day=DAY)
    try:
        found = read_manifest(changed)
    except Refused:
        return
    assert isinstance(found, Manifest)
