"""The folder of one party's keys.

`keys.json` holds the public facts of every key that it knows, `<id>.key` the private half of each of its own (0600),
`public/<id>.json` what it hands over to others. A private half may come from the environment instead of a file.
"""

import base64
import datetime as dt
import json
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path

import pyrage
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from registry.errors import PlatformError, UsageError
from registry.sealing.keys import ACTIVE, RETIRED, SEALING, SIGNING, Key, Keys, fact_of, key_of
from registry.whole_files import whole_file

_FACTS = "keys.json"
_PRIVATE_SUFFIX = ".key"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True)
class KeyFolder:
    """One party's folder of keys.

    Attributes:
        path: the folder; made, private, when it is first written to.
        signing_key: private half of the party's own signing key, where it comes from the environment (PEM).
    """

    path: Path
    signing_key: str | None = field(default=None, repr=False)

    def read(self) -> Keys:
        """The keys that are known; none where there is no folder yet.

        Raises:
            PlatformError: what is there cannot be trusted or understood.
        """
        facts = self.path / _FACTS
        if not facts.exists():
            return Keys()
        for path in (self.path, facts):
            _check_ours(path.lstat(), path, forbidden=_OTHERS_WRITE)
        try:
            return Keys(tuple(key_of(fact) for fact in json.loads(facts.read_bytes())["keys"]))
        except (ValueError, KeyError, TypeError):
            raise PlatformError(
                f"{facts} is not the list of keys that dancu wrote; the operator brings it back from the backup"
            ) from None

    def make(self, owner: str, purpose: str, *, day: dt.date, private_in: Path | None = None) -> Key:
        """Makes a key of one's own, active from now on; the one before it is retiring.

        Args:
            owner: whose it is.
            purpose: `signing` or `sealing`.
            day: today.
            private_in: folder for its private half, where somebody else is to take that away; unset: this one.
        """
        key, private = _new_signing_key(owner, day) if purpose == SIGNING else _new_sealing_key(owner, day)
        keys = self.read().with_new(key, day)
        _write(_folder(private_in or self.path) / f"{key.key_id}{_PRIVATE_SUFFIX}", private)
        _write(_folder(self.path / "public") / f"{key.key_id}.json", key.to_bytes())
        self._keep(keys)
        return key

    def add(self, key: Key, *, day: dt.date) -> Key:
        """Takes in somebody else's public key; the owner's key before it is retiring. Twice changes nothing.

        Returns:
            The key as it is known now.

        Raises:
            UsageError: it is known as another owner's, or for another purpose.
        """
        keys = self.read().with_new(key, day)
        known = keys.find(key.key_id)
        if (known.owner, known.purpose) != (key.owner, key.purpose):
            raise UsageError(f"the key {key.key_id} is known as {known.owner}'s: the operator asks who sent it")
        self._keep(keys)
        return known

    def retire(self, key_id: str, *, day: dt.date) -> Key:
        """Retires a key: nothing that it signs from now on is taken, and nothing is sealed to it.

        Raises:
            UsageError: no key has that id.
        """
        keys = self.read().with_retired(key_id, day)
        self._keep(keys)
        return keys.find(key_id)

    def signer(self, owner: str, *, day: dt.date) -> "Signer":
        """The owner's active signing key with its private half.

        Raises:
            UsageError: there is none.
            PlatformError: its private half is missing, may be known to others, or belongs to another key.
        """
        key = self.read().active(owner, SIGNING, day)
        content = self.signing_key.encode() if self.signing_key else self._private(key)
        try:
            private = load_pem_private_key(content, password=None)
        except (ValueError, TypeError):
            private = None
        if not isinstance(private, Ed25519PrivateKey) or _public_of(private) != key.public:
            raise PlatformError(
                f"the private half at hand is not that of the active signing key {key.key_id};"
                " the operator brings it back, or makes a new key with `dancu keys rotate`"
            )
        return Signer(key.key_id, private)

    def identities(self, owner: str, *, day: dt.date) -> list[pyrage.x25519.Identity]:
        """What opens batches that are sealed to the owner: its active and retiring sealing keys' private halves.

        Raises:
            UsageError: there is none.
            PlatformError: a private half is missing, may be known to others, or belongs to another key.
        """
        keys = self.read()
        active = keys.active(owner, SEALING, day)
        counting = [key for key in keys.of(owner, SEALING) if key == active or key.state(day) not in (ACTIVE, RETIRED)]
        return [self._identity(key) for key in counting]

    def _identity(self, key: Key) -> pyrage.x25519.Identity:
        identity = read_identity(self.path / f"{key.key_id}{_PRIVATE_SUFFIX}")
        if str(identity.to_public()) != key.public:
            raise PlatformError(f"the private half of {key.key_id} is another key's; the operator brings it back")
        return identity

    def _private(self, key: Key) -> bytes:
        return _read_private(self.path / f"{key.key_id}{_PRIVATE_SUFFIX}")

    def _keep(self, keys: Keys) -> None:
        facts = {"schema": "dancu.keys/1", "keys": [fact_of(key) for key in keys.known]}
        _write(_folder(self.path) / _FACTS, json.dumps(facts, indent=2).encode() + b"\n")


@dataclass(frozen=True)
class Signer:
    """A signing key with its private half, which no text of this object shows."""

    key_id: str
    private: Ed25519PrivateKey = field(repr=False)


def read_identity(path: Path) -> pyrage.x25519.Identity:
    """Reads an age identity, such as the escrow's when it is brought back.

    Raises:
        PlatformError: there is none, others may read it, or it is no identity.
    """
    lines = _read_private(path).decode("ascii", "replace").splitlines()
    named = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    try:
        return pyrage.x25519.Identity.from_str(named[0] if len(named) == 1 else "")
    except pyrage.IdentityError:
        raise PlatformError(f"{path} is no age identity; the operator brings it back from the backup") from None


def _new_signing_key(owner: str, day: dt.date) -> tuple[Key, bytes]:
    private = Ed25519PrivateKey.generate()
    return Key(owner, SIGNING, _public_of(private), day), private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )


def _public_of(private: Ed25519PrivateKey) -> str:
    return base64.b64encode(private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()


def _new_sealing_key(owner: str, day: dt.date) -> tuple[Key, bytes]:
    identity = pyrage.x25519.Identity.generate()
    return Key(owner, SEALING, str(identity.to_public()), day), f"{identity}\n".encode()


def _read_private(path: Path) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        raise PlatformError(
            f"the private key file {path} is missing or cannot be read; the operator brings it back from the backup,"
            " or makes a new key with `dancu keys rotate`"
        ) from None
    with open(handle, "rb") as file:  # noqa: PTH123  from a handle
        _check_ours(os.fstat(handle), path, forbidden=_OTHERS)
        return file.read()


def _check_ours(found: os.stat_result, path: Path, *, forbidden: int) -> None:
    if stat.S_ISLNK(found.st_mode) or found.st_uid != os.geteuid():
        raise PlatformError(f"{path} is a link or another user's: it is not used; the operator mends its owner")
    if found.st_mode & forbidden:
        raise PlatformError(
            f"{path} has mode {stat.S_IMODE(found.st_mode):04o} and others may know or change what it holds: it is not"
            " used. The operator takes their rights away, and rotates a private key that others could read"
        )


def _folder(path: Path) -> Path:
    if not path.exists():
        path.mkdir(parents=True, mode=0o700)
    elif not path.is_dir():
        raise UsageError(f"{path} is no folder; name the folder of the keys")
    return path


def _write(path: Path, content: bytes) -> None:
    """Writes a private file whole, then renames it: a kill leaves the old one or the new one."""
    with whole_file(path, half=path.with_name(f".{secrets.token_hex(8)}.part")) as file:
        file.write(content)
