"""The object store as a folder on this machine: 0700, files 0600, each written whole and then renamed."""

import datetime as dt
import errno
import fcntl
import os
import secrets
import shutil
import signal
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from registry.errors import UsageError
from registry.objects import (
    ChangedWhileRead,
    Fetched,
    ObjectInfo,
    ObjectMissing,
    Objects,
    ObjectTooLarge,
    bad_key,
    check_key,
    copy_hashed,
    fetch_into,
    left_out,
    to_key,
    to_name,
)
from registry.whole_files import whole_file

#: Names under which this store writes; never listed.
_OWN_TEMPORARY = (".dancu-", ".part")


class LocalObjects(Objects):
    """Objects as files under `root`. Links are never followed below it."""

    def __init__(self, root: Path) -> None:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._root = root.resolve()

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        folder, _, _ = prefix.rpartition("/")
        if folder and bad_key(folder):
            raise UsageError("a prefix of the object store must be a plain relative path")
        odd = 0
        for key, found in self._walk(folder):
            if not key.startswith(prefix):
                continue
            if found is None or bad_key(key):
                odd += 1
            else:
                yield ObjectInfo(key, found.st_size, _version(found))
        left_out(odd, "links, devices or odd names")

    def _walk(self, folder: str) -> Iterator[tuple[str, os.stat_result | None]]:
        """Files below a folder in the order of their keys; None for what is neither file nor folder."""
        path = self._root / to_name(folder)
        if path.resolve() != path:
            return
        try:
            with os.scandir(path) as entries:
                found = [(to_key(entry.name), entry) for entry in entries]
        except (FileNotFoundError, NotADirectoryError):
            return
        found = [(f"{name}/" if entry.is_dir(follow_symlinks=False) else name, entry) for name, entry in found]
        for name, entry in sorted(found, key=lambda pair: pair[0]):
            key = f"{folder}/{name}" if folder else name
            if name.endswith("/"):
                yield from self._walk(key.removesuffix("/"))
            elif not _is_own_temporary(name):
                with suppress(FileNotFoundError):  # it went away meanwhile
                    yield key, _regular(entry.stat(follow_symlinks=False))

    def fetch(self, key: str, to: Path | None, *, expect: ObjectInfo | None = None) -> Fetched:
        try:
            handle = self._open(key)
        except ObjectMissing as error:
            if expect is None:
                raise
            raise ChangedWhileRead("the file went away before it was read") from error
        with handle as source:
            return fetch_into(to, lambda target: self._read(key, source, target, expect))

    def _read(self, key: str, source: BinaryIO, target: BinaryIO | None, expect: ObjectInfo | None) -> Fetched:
        before = _state(os.fstat(source.fileno()))
        if expect is not None and before != (expect.size, expect.version):
            raise ChangedWhileRead("the file changed after it was listed")
        fetched = copy_hashed(source, target)
        if not self._still(key, before, source) or fetched.size != before[0]:
            raise ChangedWhileRead("the file changed while it was read")
        return fetched

    def _still(self, key: str, before: tuple[int, str], source: BinaryIO) -> bool:
        """Whether both the open file and what now stands under its key are as before."""
        try:
            return before == _state(os.fstat(source.fileno())) == _state(self._path(key).lstat())
        except FileNotFoundError:
            return False

    def being_written(self, key: str) -> bool:
        try:
            with self._open(key) as file:
                return _has_writer(file.fileno()) and not self._leases_fail()
        except ObjectMissing:
            return False

    def put(self, key: str, path: Path) -> None:
        with path.open("rb") as source:
            self._write(key, lambda target: shutil.copyfileobj(source, target, 1024 * 1024))

    def put_bytes(self, key: str, data: bytes) -> None:
        self._write(key, lambda target: target.write(data))

    def _write(self, key: str, fill: Callable[[BinaryIO], object]) -> None:
        """Write beside the place, make it last, rename: nobody sees half a file, even after a power cut."""
        path = self._path(key, make_folders=True)
        temporary = path.with_name(f"{_OWN_TEMPORARY[0]}{secrets.token_hex(8)}{_OWN_TEMPORARY[1]}")
        with whole_file(path, half=temporary) as target:
            fill(target)
        _sync_folder(path.parent)

    def read_bytes(self, key: str, *, at_most: int | None = None) -> bytes:
        with self._open(key) as file:
            content = file.read() if at_most is None else file.read(at_most + 1)
        if at_most is not None and len(content) > at_most:
            raise ObjectTooLarge(f"an object is larger than the {at_most} bytes it may have")
        return content

    def delete(self, key: str) -> None:
        with suppress(NotADirectoryError):
            self._path(key).unlink(missing_ok=True)

    def move(self, key: str, to: str) -> bool:
        if not self.exists(key):
            raise ObjectMissing("there is no such object; the operator looks whether it was removed")
        source, target = self._path(key), self._path(to, make_folders=True)
        try:
            # A second name never takes the place of a file, as a rename would.
            target.hardlink_to(source)
        except FileExistsError:
            return False
        _sync_folder(target.parent)
        source.unlink()
        return True

    def exists(self, key: str) -> bool:
        try:
            return _regular(self._path(key).lstat()) is not None
        except (FileNotFoundError, NotADirectoryError):
            return False

    def local_path(self, key: str) -> Path | None:
        return self._path(key) if self.exists(key) else None

    def clear_unfinished(self, begun_before: dt.datetime) -> int:
        cleared = 0
        for folder, _, names in os.walk(self._root):
            for path in (Path(folder, name) for name in names if _is_own_temporary(name)):
                with suppress(FileNotFoundError):  # its put came to an end
                    if path.lstat().st_mtime < begun_before.timestamp():
                        path.unlink()
                        cleared += 1
        return cleared

    def _path(self, key: str, *, make_folders: bool = False) -> Path:
        """Where the object of a key lies; a link on the way there is refused."""
        path = self._root / to_name(check_key(key))
        if make_folders:
            _make_folders(path.parent)
        if path.parent.resolve() != path.parent:
            raise UsageError("a folder of the object store is a link; the operator removes it")
        return path

    def _open(self, key: str) -> BinaryIO:
        try:
            handle = os.open(self._path(key), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO):
                raise ObjectMissing("there is no such object; the operator looks whether it was removed") from error
            raise
        if _regular(os.fstat(handle)) is None:
            os.close(handle)
            raise ObjectMissing("what lies under that key is no file")
        return open(handle, "rb")  # noqa: PTH123  from a handle

    def _leases_fail(self) -> bool:
        """Whether a file that nobody writes is said to have a writer, as some network folders do."""
        handle, name = tempfile.mkstemp(dir=self._root, prefix=_OWN_TEMPORARY[0], suffix=_OWN_TEMPORARY[1])
        os.close(handle)
        try:
            with Path(name).open("rb") as probe:
                return _has_writer(probe.fileno())
        finally:
            Path(name).unlink(missing_ok=True)


def _has_writer(handle: int) -> bool:
    """Ask the kernel for a read lease, which it refuses while anybody has the file open for writing."""
    try:
        # A writer who comes while the lease is held is announced by a signal: one that is ignored by default.
        fcntl.fcntl(handle, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN  # anything else: no leases here, or the file is another user's
    except AttributeError:  # not Linux
        return False
    fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def _regular(found: os.stat_result) -> os.stat_result | None:
    return found if stat.S_ISREG(found.st_mode) else None


def _state(found: os.stat_result) -> tuple[int, str]:
    return found.st_size, _version(found)


def _version(found: os.stat_result) -> str:
    return f"{found.st_mtime_ns}-{found.st_ino}"


def _is_own_temporary(name: str) -> bool:
    return name.startswith(_OWN_TEMPORARY[0]) and name.endswith(_OWN_TEMPORARY[1])


def _make_folders(folder: Path) -> None:
    """Make what is missing, private at every level; `Path.mkdir` would leave the upper ones to the umask."""
    if not folder.exists():
        _make_folders(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename or a new folder last."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
