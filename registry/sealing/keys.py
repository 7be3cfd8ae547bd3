"""Keys: whose they are, what they are for, and from when to when they count.

Two kinds: with a *signing* key (Ed25519, RFC 8032) its owner signs what it writes; with a *sealing* key (an X25519
recipient of age) others seal what only its owner may read. A key is named by its id: the first 16 hex digits of the
SHA-256 of its public half.
"""

import base64
import binascii
import datetime as dt
import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any

import pyrage

from registry.errors import UsageError
from registry.sealing.fields import is_centre, is_day, is_key_id, is_text, read_object
from registry.sealing.reasons import Reason, Refused

#: What a key is for.
SIGNING, SEALING = "signing", "sealing"

#: Owners beside the production centres, which are named by their codes: the register, and the keeper of its escrow key.
REGISTER, ESCROW = "register", "escrow"

SCHEMA = "dancu.key/1"
_LARGEST = 4096
_SIGNING_BYTES = 32

#: States of a key on a day.
ACTIVE, RETIRING, RETIRED = "active", "retiring", "retired"


@dataclass(frozen=True)
class Key:
    """The public facts of a key.

    Attributes:
        owner: whose private half it has: `register`, `escrow`, or a centre's code.
        purpose: `signing` or `sealing`.
        public: its public half: 32 bytes in base64 (signing), or `age1…` (sealing).
        made_on: the day on which it was made.
        retiring_from: from this day on another key is used in its place; what it signed or sealed still counts.
        retired_from: from this day on nothing that it signed or sealed is taken any more.
    """

    owner: str
    purpose: str
    public: str
    made_on: dt.date
    retiring_from: dt.date | None = None
    retired_from: dt.date | None = None

    @property
    def key_id(self) -> str:
        """Its name: the first 16 hex digits of the SHA-256 of its public half (its 32 bytes, or the text `age1…`)."""
        return hashlib.sha256(self.public_bytes if self.purpose == SIGNING else self.public.encode()).hexdigest()[:16]

    @property
    def public_bytes(self) -> bytes:
        """The public half of a signing key."""
        return base64.b64decode(self.public, validate=True)

    def state(self, day: dt.date) -> str:
        """`active`, `retiring` or `retired` on a day."""
        if self.retired_from is not None and self.retired_from <= day:
            return RETIRED
        return ACTIVE if self.retiring_from is None else RETIRING

    def retiring(self, day: dt.date) -> "Key":
        """The same key, retiring from a day on; one that is so already stays as it is."""
        return self if self.retiring_from else replace(self, retiring_from=day)

    def retired(self, day: dt.date) -> "Key":
        """The same key, retired from a day on; one that is so already stays as it is."""
        return self if self.retired_from else replace(self, retiring_from=self.retiring_from or day, retired_from=day)

    def to_bytes(self) -> bytes:
        """The file in which its owner hands it over: one JSON object."""
        stated = {
            "schema": SCHEMA,
            "key_id": self.key_id,
            "owner": self.owner,
            "purpose": self.purpose,
            "public": self.public,
            "made_on": self.made_on.isoformat(),
        }
        return json.dumps(stated, indent=2).encode() + b"\n"


def read_key(content: bytes) -> Key:
    """Reads the file in which a public key is handed over (`Key.to_bytes`).

    Raises:
        Refused: it is no such file, or its id is not that of its public half.
    """
    stated = read_object(
        content,
        what="the key file",
        schema=SCHEMA,
        fields={
            "key_id": is_key_id,
            "owner": is_centre,
            "purpose": is_text(f"{SIGNING}|{SEALING}"),
            "public": is_text("[!-~]{1,120}"),
            "made_on": is_day,
        },
        at_most=_LARGEST,
    )
    key = Key(stated["owner"], stated["purpose"], stated["public"], dt.date.fromisoformat(stated["made_on"]))
    if not _is_public(key) or key.key_id != stated["key_id"]:
        raise Refused(
            Reason.BAD_FIELD, "the key file's public half is no such key, or not the one of its id; its sender mends it"
        )
    return key


def _is_public(key: Key) -> bool:
    try:
        if key.purpose == SIGNING:
            return len(key.public_bytes) == _SIGNING_BYTES
        pyrage.x25519.Recipient.from_str(key.public)
    except (pyrage.RecipientError, binascii.Error):
        return False
    return True


def fact_of(key: Key) -> dict[str, Any]:
    """A key's public facts, as they are kept."""
    days = {"made_on": key.made_on, "retiring_from": key.retiring_from, "retired_from": key.retired_from}
    return {
        "key_id": key.key_id,
        "owner": key.owner,
        "purpose": key.purpose,
        "public": key.public,
        **{name: day.isoformat() if day else None for name, day in days.items()},
    }


def key_of(fact: dict[str, Any]) -> Key:
    """The other way round.

    Raises:
        ValueError, KeyError, TypeError: these are no such facts.
    """
    made_on, *ends = (
        fact[name] and dt.date.fromisoformat(fact[name]) for name in ("made_on", "retiring_from", "retired_from")
    )
    key = Key(fact["owner"], fact["purpose"], fact["public"], made_on, *ends)
    if key.key_id != fact["key_id"] or not _is_public(key):
        raise ValueError("not the key of that id")
    return key


@dataclass(frozen=True)
class Keys:
    """Everybody's public keys that one party knows, its own among them."""

    known: tuple[Key, ...] = ()

    def of(self, owner: str, purpose: str) -> tuple[Key, ...]:
        """The keys of an owner for a purpose, the latest first."""
        return tuple(key for key in reversed(self.known) if (key.owner, key.purpose) == (owner, purpose))

    def active(self, owner: str, purpose: str, day: dt.date) -> Key:
        """The key that is used on a day.

        Raises:
            UsageError: there is none.
        """
        for key in self.of(owner, purpose):
            if key.state(day) == ACTIVE:
                return key
        raise UsageError(
            f"there is no active {purpose} key of {owner}: the operator makes one with `dancu keys make`,"
            " or imports the file that its owner handed over with `dancu keys import`"
        )

    def find(self, key_id: str) -> Key:
        """The key of an id.

        Raises:
            UsageError: there is none.
        """
        for key in self.known:
            if key.key_id == key_id:
                return key
        raise UsageError("no key has that id; `dancu keys list` shows them")

    def with_new(self, key: Key, day: dt.date) -> "Keys":
        """With one key more; the owner's active key for the same purpose is retiring from that day on.

        A key that is known already changes nothing, and one that is retired stays so.
        """
        if any(one.key_id == key.key_id for one in self.known):
            return self
        peers = set(self.of(key.owner, key.purpose))
        return Keys((*(one.retiring(day) if one in peers else one for one in self.known), key))

    def with_retired(self, key_id: str, day: dt.date) -> "Keys":
        """With one key retired from a day on.

        Raises:
            UsageError: no key has that id.
        """
        gone = self.find(key_id)
        return Keys(tuple(key.retired(day) if key == gone else key for key in self.known))
