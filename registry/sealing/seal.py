"""Seals: files encrypted with age (age-encryption.org/v1) to several recipients, each of whom opens them alone.

age says whether bytes were changed, but not who sealed them, and it gives out what it has decrypted before it knows
the end of the file. So the SHA-256 of both the plain and the sealed bytes stand in a signed manifest, and what is
opened has its name only when both are right.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

import pyrage

from registry.errors import PlatformError
from registry.sealing.keys import Key
from registry.sealing.reasons import Reason, Refused
from registry.whole_files import whole_file

_CHUNK = 1024 * 1024

Given = TypeVar("Given")


@dataclass(frozen=True)
class Digest:
    """What some bytes are: their SHA-256 in hex, and how many they are."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Sealed:
    """A sealed file: what went in, and what came out."""

    plain: Digest
    sealed: Digest


class _Metered:
    """A stream that hashes what passes, and keeps what went wrong: age would hand on no more than its text."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self._size = 0
        self.failure: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        return self._count(self._try(lambda: self._stream.read(size)))

    def write(self, content: bytes) -> int:
        self._try(lambda: self._stream.write(content))
        return len(self._count(content))

    def flush(self) -> None:
        self._try(self._stream.flush)

    @property
    def digest(self) -> Digest:
        return Digest(self._hash.hexdigest(), self._size)

    def _count(self, content: bytes) -> bytes:
        self._hash.update(content)
        self._size += len(content)
        return content

    def _try(self, act: Callable[[], Given]) -> Given:
        try:
            return act()
        except BaseException as error:
            self.failure = error
            raise


def seal(source: BinaryIO, to: Path, recipients: Sequence[Key]) -> Sealed:
    """Seals a stream into a file in one pass; memory does not grow with it. No two sealed files are the same bytes.

    Args:
        source: what is sealed: an open file, or anything else with `read`.
        to: the sealed file (0600); it is there whole, or not at all.
        recipients: sealing keys: whoever holds the private half of one of them opens the file.

    Raises:
        PlatformError: it could not be written. What `source` raises is raised.
    """
    public = [pyrage.x25519.Recipient.from_str(key.public) for key in recipients]
    with _whole_file(to) as target:
        reader, writer = _Metered(source), _Metered(target)
        try:
            pyrage.encrypt_io(reader, writer, public)
        except (pyrage.EncryptError, OSError) as error:
            raise _failure(reader, writer) or PlatformError(
                f"the file could not be sealed ({type(error).__name__}); the operator checks the recipients' keys"
            ) from None
    return Sealed(reader.digest, writer.digest)


def unseal(source: Path, to: Path, identities: Sequence[pyrage.x25519.Identity], *, expect: Sealed) -> None:
    """Opens a sealed file. The opened one (0600) has its name only when both hashes are right; else nothing is left.

    Args:
        source: the sealed file.
        to: the opened file.
        identities: one of them must be a recipient's.
        expect: what the manifest says of it.

    Raises:
        Refused: `sealed_differs`, `cannot_open` or `plain_differs`.
        PlatformError: it could not be written.
    """
    if digest_of(source) != expect.sealed:
        raise Refused(Reason.SEALED_DIFFERS, "the sealed file is not its manifest's: its sender sends it again")
    with source.open("rb") as sealed, _whole_file(to) as target:
        reader, writer = _Metered(sealed), _Metered(target)
        try:
            pyrage.decrypt_io(reader, writer, list(identities))
        except (pyrage.DecryptError, OSError):
            raise _failure(reader, writer) or Refused(
                Reason.CANNOT_OPEN,
                "the sealed file cannot be opened: it is not sealed to any key at hand, or was broken before it was"
                " signed; its sender looks which recipients it names",
            ) from None
        if writer.digest != expect.plain or reader.digest != expect.sealed:
            raise Refused(Reason.PLAIN_DIFFERS, "what was sealed is not what the manifest says: its sender mends it")


def digest_of(path: Path) -> Digest:
    """What a file's bytes are."""
    with path.open("rb") as file:
        metered = _Metered(file)
        while metered.read(_CHUNK):
            pass
    return metered.digest


def _failure(*streams: _Metered) -> BaseException | None:
    """What a stream raised while age read or wrote it."""
    for stream in streams:
        if isinstance(stream.failure, OSError):
            name = stream.failure.strerror or "no reason given"
            return PlatformError(f"the file could not be read or written ({name}); the operator looks after the disk")
        if stream.failure is not None:
            return stream.failure
    return None


@contextmanager
def _whole_file(path: Path) -> Iterator[BinaryIO]:
    """A private file that gets its name at the end. A half one, of a run that was killed too, goes before the next."""
    half = path.with_name(f".{path.name}.part")
    half.unlink(missing_ok=True)
    with whole_file(path, half=half) as file:
        yield file
