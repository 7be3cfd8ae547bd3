"""Keys: states, rotation, and private halves that are refused when others may know them."""

import datetime as dt
import json
from pathlib import Path

import pytest

from registry.errors import PlatformError, UsageError
from registry.sealing.key_folder import KeyFolder, read_identity
from registry.sealing.keys import ESCROW, REGISTER, SEALING, SIGNING, read_key
from registry.sealing.reasons import Reason, Refused
from registry.sealing.seal import seal, unseal
from registry.sealing.signatures import sign, verify

DAY, LATER = dt.date(2021, 7, 1), dt.date(2021, 8, 1)


@pytest.fixture
def folder(tmp_path: Path) -> KeyFolder:
    return KeyFolder(tmp_path / "keys")


def test_a_fresh_folder_knows_nobody(folder: KeyFolder) -> None:
    assert folder.read().known == ()
    with pytest.raises(UsageError, match="dancu keys make"):
        folder.signer(REGISTER, day=DAY)
    assert not folder.path.exists()


@pytest.mark.parametrize("purpose", [SIGNING, SEALING])
def test_rotating_keeps_the_old_key_counting_until_it_is_retired(folder: KeyFolder, purpose: str) -> None:
    old = folder.make("national", purpose, day=DAY)
    new = folder.make("national", purpose, day=LATER)
    keys = folder.read()
    assert [key.key_id for key in keys.of("national", purpose)] == [new.key_id, old.key_id]
    assert keys.active("national", purpose, LATER) == new
    assert [keys.find(key.key_id).state(LATER) for key in (old, new)] == ["retiring", "active"]
    folder.retire(old.key_id, day=LATER)
    retired = folder.read().find(old.key_id)
    assert [retired.state(day) for day in (LATER - dt.timedelta(1), LATER)] == ["retiring", "retired"]
    assert folder.retire(old.key_id, day=LATER + dt.timedelta(9)) == retired


def test_what_a_retiring_key_signed_counts_and_what_a_retired_one_signed_does_not(folder: KeyFolder) -> None:
    old = folder.make("national", SIGNING, day=DAY)
    signature = sign(b"a letter", folder.signer("national", day=DAY))
    folder.make("national", SIGNING, day=DAY)
    assert verify(b"a letter", signature, folder.read(), owner="national", day=LATER).key_id == old.key_id
    folder.retire(old.key_id, day=LATER)
    assert verify(b"a letter", signature, folder.read(), owner="national", day=DAY).key_id == old.key_id
    with pytest.raises(Refused) as refused:
        verify(b"a letter", signature, folder.read(), owner="national", day=LATER)
    assert refused.value.reason is Reason.RETIRED_KEY


def test_a_batch_sealed_before_a_rotation_opens_after_it(folder: KeyFolder, tmp_path: Path) -> None:
    old = folder.make("national", SEALING, day=DAY)
    (tmp_path / "plain").write_bytes(b"a letter")
    with (tmp_path / "plain").open("rb") as plain:
        sealed = seal(plain, tmp_path / "sealed", [old])
    folder.make("national", SEALING, day=DAY)
    unseal(tmp_path / "sealed", tmp_path / "opened", folder.identities("national", day=DAY), expect=sealed)
    assert (tmp_path / "opened").read_bytes() == b"a letter"
    folder.retire(old.key_id, day=LATER)
    assert len(folder.identities("national", day=LATER)) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o777])
def test_a_private_half_that_others_may_know_is_not_used(folder: KeyFolder, mode: int) -> None:
    for key in (folder.make(REGISTER, SIGNING, day=DAY), folder.make("national", SEALING, day=DAY)):
        (folder.path / f"{key.key_id}.key").chmod(mode)
    with pytest.raises(PlatformError, match=f"mode {mode:04o}.*operator"):
        folder.signer(REGISTER, day=DAY)
    with pytest.raises(PlatformError, match=f"mode {mode:04o}.*operator"):
        folder.identities("national", day=DAY)


def test_a_private_half_is_no_link_and_no_other_key(folder: KeyFolder, tmp_path: Path) -> None:
    key = folder.make(REGISTER, SIGNING, day=DAY)
    private = folder.path / f"{key.key_id}.key"
    private.rename(tmp_path / "elsewhere")
    with pytest.raises(PlatformError, match=r"missing.*operator"):
        folder.signer(REGISTER, day=DAY)
    private.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PlatformError, match="cannot be read"):
        folder.signer(REGISTER, day=DAY)
    private.unlink()
    other = KeyFolder(tmp_path / "other").make(REGISTER, SIGNING, day=DAY)
    (tmp_path / "other" / f"{other.key_id}.key").rename(private)
    with pytest.raises(PlatformError, match="not that of the active"):
        folder.signer(REGISTER, day=DAY)


def test_a_signing_key_may_come_from_the_environment_alone(folder: KeyFolder) -> None:
    key = folder.make(REGISTER, SIGNING, day=DAY)
    private = folder.path / f"{key.key_id}.key"
    elsewhere = KeyFolder(folder.path, signing_key=private.read_text())
    private.unlink()
    assert elsewhere.signer(REGISTER, day=DAY).key_id == key.key_id
    for text in (repr(elsewhere), repr(elsewhere.signer(REGISTER, day=DAY))):
        assert "PRIVATE" not in text
    with pytest.raises(PlatformError):
        KeyFolder(folder.path, signing_key="a made-up text").signer(REGISTER, day=DAY)


def test_the_list_of_keys_is_not_read_where_others_may_change_it(folder: KeyFolder) -> None:
    folder.make(REGISTER, SIGNING, day=DAY)
    facts = folder.path / "keys.json"
    facts.chmod(0o666)
    with pytest.raises(PlatformError, match="others may know or change"):
        folder.read()
    facts.chmod(0o644)
    folder.read()
    facts.write_text('{"keys": [{"key_id": "0"}]}')
    with pytest.raises(PlatformError, match="backup"):
        folder.read()


def test_a_key_is_handed_over_as_a_file_and_taken_in_once(folder: KeyFolder, tmp_path: Path) -> None:
    theirs = KeyFolder(tmp_path / "theirs")
    key = theirs.make("national", SIGNING, day=DAY)
    handed = theirs.path / "public" / f"{key.key_id}.json"
    assert read_key(handed.read_bytes()) == key
    assert folder.add(read_key(handed.read_bytes()), day=DAY) == key
    before = (folder.path / "keys.json").read_bytes()
    folder.add(key, day=LATER)
    assert (folder.path / "keys.json").read_bytes() == before
    with pytest.raises(UsageError, match="known as national's"):
        folder.add(read_key(handed.read_bytes().replace(b'"national"', b'"southern"')), day=DAY)


@pytest.mark.parametrize(
    ("field", "value"),
    [("public", "AAAA"), ("purpose", "both"), ("owner", "a/b"), ("key_id", "0" * 16), ("made_on", "2021-7-1"),
     ("schema", "dancu.key/9"), ("public", "age1qqqq"), ("purpose", "sealing")],
)  # fmt: skip
def test_a_key_file_that_is_not_as_agreed_is_refused(folder: KeyFolder, field: str, value: str) -> None:
    stated = json.loads(folder.make(ESCROW, SIGNING, day=DAY).to_bytes())
    with pytest.raises(Refused):
        read_key(json.dumps({**stated, field: value}).encode())


def test_no_public_file_and_no_list_holds_a_private_half(folder: KeyFolder, tmp_path: Path) -> None:
    keys = [
        folder.make(REGISTER, SIGNING, day=DAY),
        folder.make(ESCROW, SEALING, day=DAY, private_in=tmp_path / "taken away"),
    ]
    assert str(read_identity(tmp_path / "taken away" / f"{keys[1].key_id}.key").to_public()) == keys[1].public
    assert not (folder.path / f"{keys[1].key_id}.key").exists()
    for path in (folder.path / "keys.json", *(folder.path / "public").iterdir()):
        assert "SECRET" not in path.read_text() + "".join(map(repr, keys))
        assert "PRIVATE" not in path.read_text()
