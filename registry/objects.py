"""The object store: what arrived and what was handed out, under keys, on a local folder or on S3.

Keys are relative paths with `/` between their parts. An object appears whole or not at all, on either store.
"""

import datetime as dt
import hashlib
import logging
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from registry.errors import PlatformError, SenderError, UsageError

logger = logging.getLogger(__name__)

SIDECAR_SUFFIX = ".manifest.json"

#: Longest key, in bytes, that S3 takes.
_LONGEST_KEY = 1024
_PARTIAL_SUFFIXES = (".part", ".tmp", ".filepart", ".crdownload")
_PARTIAL_PREFIXES = (".", "~$")
_CHUNK = 1024 * 1024

#: Objects sent side by side by `put_folder`: each waits for a disk or a server.
_SENDERS = 8


class ChangedWhileRead(SenderError):
    """An object is not, or is no longer, what it was when it was listed: it may still be being written."""


class ObjectMissing(PlatformError):
    """There is no object under a key."""


class ObjectTooLarge(SenderError):
    """An object is larger than what may be read into memory."""


@dataclass(frozen=True, order=True)
class ObjectInfo:
    """An object as listed; `version` differs whenever its content may differ."""

    key: str
    size: int
    version: str


@dataclass(frozen=True)
class Fetched:
    """What was read: the SHA-256 of the bytes in hex, and how many."""

    sha256: str
    size: int


class Objects(ABC):
    """One object store. Every method may be used from several threads at once."""

    @abstractmethod
    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """Objects whose key starts with `prefix`, sorted by key, page by page.

        Left out, with a count in the log: links, devices, and keys that `check_key` refuses.
        """

    @abstractmethod
    def fetch(self, key: str, to: Path | None, *, expect: ObjectInfo | None = None) -> Fetched:
        """Copy an object to the local file `to`, hashing on the way; only hash it when `to` is None.

        Raises:
            ChangedWhileRead: it is not what `expect` says, or changed or went away meanwhile; `to` is gone.
            ObjectMissing: there is none, and none was expected.
        """

    @abstractmethod
    def being_written(self, key: str) -> bool:
        """Whether a process is known to hold the object open for writing; never on S3."""

    @abstractmethod
    def put(self, key: str, path: Path) -> None:
        """Store a local file under `key`, in place of what was there."""

    @abstractmethod
    def put_bytes(self, key: str, data: bytes) -> None:
        """Store `data` under `key`, in place of what was there."""

    @abstractmethod
    def read_bytes(self, key: str, *, at_most: int | None = None) -> bytes:
        """A small object's content.

        Raises:
            ObjectMissing: there is none.
            ObjectTooLarge: it has more than `at_most` bytes.
        """

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove an object; one that is not there is no error."""

    @abstractmethod
    def move(self, key: str, to: str) -> bool:
        """Give an object another key; False, and nothing is done, where there is one under that key already.

        Raises:
            ObjectMissing: there is none under `key`.
        """

    @abstractmethod
    def exists(self, key: str) -> bool:
        """Whether there is an object under exactly `key`."""

    @abstractmethod
    def local_path(self, key: str) -> Path | None:
        """The object as a file for readers that need no copy; None when it is not on this machine."""

    @abstractmethod
    def clear_unfinished(self, begun_before: dt.datetime) -> int:
        """Removes what puts that were killed left behind, if they began before that time; returns how many.

        Nobody ever sees it, but it is of a person all the same, and takes room.
        """

    def as_file(self, key: str, copy: Path) -> Path:
        """The object as a file to read: where it lies on this machine, or else copied, whole, to `copy`.

        Raises:
            ObjectMissing: there is none.
        """
        here = self.local_path(key)
        if here:
            return here
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        half = copy.with_name(f"{copy.name}.part")
        self.fetch(key, half)
        return half.replace(copy)


def open_objects(url: str | None, *, home: Path, endpoint_url: str | None = None) -> Objects:
    """The store at `s3://bucket/prefix`, or the folder `<home>/objects` without a URL.

    Raises:
        UsageError: the URL is of another kind or names no bucket.
    """
    from registry.objects_local import LocalObjects  # noqa: PLC0415  the stores build on this module

    if not url:
        return LocalObjects(home.expanduser().resolve() / "objects")
    parts = urlsplit(url)
    if parts.scheme != "s3" or not parts.netloc:
        raise UsageError("DANCU_OBJECTS_URL must be s3://bucket or s3://bucket/prefix; the operator mends it")
    from registry.objects_s3 import S3Objects  # noqa: PLC0415  boto3 takes a while to import

    return S3Objects(parts.netloc, prefix=parts.path.strip("/"), endpoint_url=endpoint_url)


def put_folder(source: Path, objects: Objects, prefix: str = "landing") -> int:
    """Copy every file under `source` to `<prefix>/<its path>`, partial files left out; how many.

    Sidecars go first, so that nobody ever sees a file without the sidecar that came with it.

    Raises:
        UsageError: `source` is no folder.
    """
    if not source.is_dir():
        raise UsageError(f"{source} is no folder; name the folder that holds registers/<sender>/…")
    files = list(_whole_files(source))
    sidecars = [file for file in files if file.name.endswith(SIDECAR_SUFFIX)]
    others = [file for file in files if not file.name.endswith(SIDECAR_SUFFIX)]

    def send(file: Path) -> None:
        objects.put("/".join((prefix, *map(to_key, file.relative_to(source).parts))), file)

    with ThreadPoolExecutor(_SENDERS) as pool:
        for batch in (sidecars, others):
            for _ in pool.map(send, batch):
                pass
    return len(files)


def _whole_files(source: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(source):
        folders[:] = sorted(name for name in folders if not is_partial_name(name))
        for name in sorted(names):
            path = Path(folder, name)
            if not is_partial_name(name) and path.is_file():
                yield path


def is_partial_name(name: str) -> bool:
    """Whether a file's name says that it is still being written, or is some program's own."""
    return name.startswith(_PARTIAL_PREFIXES) or name.lower().endswith(_PARTIAL_SUFFIXES)


def check_key(key: str) -> str:
    """The key, if it can name an object on every store.

    Raises:
        UsageError: it is empty, absolute or too long, or has empty, `.` or `..` parts or a NUL.
    """
    if bad_key(key):
        raise UsageError("a key of the object store must be a plain relative path without '.', '..' or NUL")
    return key


def bad_key(key: str) -> bool:
    """Whether `key` can not name an object."""
    if not key or "\0" in key or len(key.encode("utf-8", "surrogatepass")) > _LONGEST_KEY:
        return True
    return any(part in ("", ".", "..") for part in key.split("/"))


# A file's name may hold bytes that are no UTF-8 (old Vietnamese encodings). Python shows each as a lone
# surrogate, which no database takes; in keys it is a private-use character instead.
_TO_KEY = {0xDC00 + byte: 0xEF00 + byte for byte in range(0x80, 0x100)}
_TO_NAME = {private: surrogate for surrogate, private in _TO_KEY.items()}


def to_key(name: str) -> str:
    """A file's name as a part of a key."""
    return name.translate(_TO_KEY)


def to_name(key: str) -> str:
    """The other way round."""
    return key.translate(_TO_NAME)


def copy_hashed(source: BinaryIO, target: BinaryIO | None) -> Fetched:
    """Copy a stream, hashing on the way."""
    digest = hashlib.sha256()
    size = 0
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
        if target is not None:
            target.write(chunk)
    return Fetched(digest.hexdigest(), size)


def fetch_into(to: Path | None, read: Callable[[BinaryIO | None], Fetched]) -> Fetched:
    """Let `read` write the private file `to`; the file is gone when that fails."""
    if to is None:
        return read(None)
    try:
        with open(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target:  # noqa: PTH123
            return read(target)
    except BaseException:
        to.unlink(missing_ok=True)
        raise


def left_out(count: int, kind: str) -> None:
    """Say that a listing left something out; names are not logged, they may name a person."""
    if count:
        logger.warning("%d %s in the object store were left out; the operator looks after them", count, kind)
