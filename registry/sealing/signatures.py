"""Detached signatures: Ed25519 (RFC 8032) over a file's bytes, in a file of one line beside it."""

import base64
import binascii
import datetime as dt
import json
import mmap
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from registry.sealing.fields import is_key_id, is_text, read_object
from registry.sealing.key_folder import Signer
from registry.sealing.keys import RETIRED, SIGNING, Key, Keys
from registry.sealing.reasons import Reason, Refused

SCHEMA = "dancu.signature/1"

#: What stands behind the name of the file that is signed.
SUFFIX = ".sig"

_LARGEST = 1024
_LENGTH = 64

#: What can be signed and verified without a copy of it.
Content = bytes | memoryview


def sign(content: Content, signer: Signer) -> bytes:
    """Returns the signature file of some bytes; the same bytes and key give the same file."""
    stated = {
        "schema": SCHEMA,
        "key_id": signer.key_id,
        "signature": base64.b64encode(signer.private.sign(content)).decode(),
    }
    return json.dumps(stated).encode() + b"\n"


def verify(content: Content, signature: bytes | None, keys: Keys, *, owner: str, day: dt.date) -> Key:
    """Proves that an owner signed some bytes.

    Args:
        content: the bytes.
        signature: its signature file; None where there is none.
        keys: that are known.
        owner: who should have signed: nobody else's key counts.
        day: on which it was received; a key that was retired by then does not count.

    Returns:
        The key that it was signed with.

    Raises:
        Refused: `unsigned`, `unreadable_signature`, `unknown_key`, `retired_key` or `bad_signature`.
    """
    if signature is None:
        raise Refused(Reason.UNSIGNED, f"there is no signature beside the file: {owner} sends it")
    key_id, signed = _read_signature(signature, owner)
    key = next((one for one in keys.of(owner, SIGNING) if one.key_id == key_id), None)
    if key is None:
        raise Refused(
            Reason.UNKNOWN_KEY,
            f"the file is signed with a key that is none of {owner}'s known ones: {owner} hands its public key over,"
            " or the file is forged",
        )
    if key.state(day) == RETIRED:
        raise Refused(
            Reason.RETIRED_KEY,
            f"the file is signed with the retired key {key_id}: {owner} takes its active one",
        )
    try:
        Ed25519PublicKey.from_public_bytes(key.public_bytes).verify(signed, content)
    except (InvalidSignature, ValueError):
        raise Refused(
            Reason.BAD_SIGNATURE, f"the file is not what {key_id} signed: {owner} sends file and signature again"
        ) from None
    return key


def open_bytes(path: Path) -> Content:
    """A file's bytes, read from the disk as they are needed."""
    with path.open("rb") as file:
        if not path.stat().st_size:
            return b""
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _read_signature(content: bytes, owner: str) -> tuple[str, bytes]:
    try:
        stated = read_object(
            content,
            what="the signature file",
            schema=SCHEMA,
            fields={"key_id": is_key_id, "signature": is_text("[A-Za-z0-9+/=]{88}")},
            at_most=_LARGEST,
        )
        signed = base64.b64decode(stated["signature"], validate=True)
    except (Refused, binascii.Error):
        signed = b""
    if len(signed) != _LENGTH:
        raise Refused(Reason.UNREADABLE_SIGNATURE, f"the signature file is not what was agreed: {owner} sends it again")
    return stated["key_id"], signed
